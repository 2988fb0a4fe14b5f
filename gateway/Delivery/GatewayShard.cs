using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using IotPlatform.Broadcasts;
using IotPlatform.Clients;
using IotPlatform.Compat;
using IotPlatform.Devices;
using IotPlatform.Diagnostics;
using IotPlatform.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Orders;
using IotPlatform.Products;
using IotPlatform.Sessions;
using IotPlatform.Tracing;

namespace IotPlatform.Delivery;

/// <summary>A part of the gateway's connections, and the observer through which grains reach them.</summary>
internal sealed class GatewayShard : IGatewayObserver
{
    private readonly ConcurrentDictionary<long, MqttConnection> _connections = new();
    private readonly Dictionary<string, ProductConnections> _byProduct = new(StringComparer.Ordinal);
    private readonly RecentBroadcasts _recent = new();
    private readonly ProductCache _products;
    private readonly GatewayInstruments _instruments;
    private readonly Tracer _tracer;
    private readonly TimeProvider _time;

    public GatewayShard(ProductCache products, GatewayInstruments instruments, Tracer tracer, IGrainFactory grains, TimeProvider time, ILogger<GatewayShard> logger)
    {
        _tracer = tracer;
        _products = products;
        _instruments = instruments;
        _time = time;
        Acknowledgements = new AcknowledgementLane(grains, instruments, time, logger);
        Reference = grains.CreateObjectReference<IGatewayObserver>(this);
    }

    /// <summary>What grains hold of it.</summary>
    public IGatewayObserver Reference { get; }

    /// <summary>What the devices acknowledged.</summary>
    public AcknowledgementLane Acknowledgements { get; }

    /// <summary>Called with the standing orders when they have changed.</summary>
    public Action<StandingOrders>? Ordered { get; set; }

    public int ConnectionCount => _connections.Count;

    /// <summary>A connection that is about to be attached: its grain may call before it is open.</summary>
    public void Announce(MqttConnection connection) => _connections[connection.ConnectionId] = connection;

    /// <summary>A connection is open: broadcasts reach it from here on.</summary>
    public void Opened(MqttConnection connection)
    {
        lock (_byProduct)
        {
            var productKey = connection.Session!.Device.ProductKey;
            if (!_byProduct.TryGetValue(productKey, out var ofProduct))
            {
                _byProduct.Add(productKey, ofProduct = new ProductConnections());
            }

            ofProduct.Add(connection);
        }
    }

    public void Remove(MqttConnection connection)
    {
        _connections.TryRemove(connection.ConnectionId, out _);
        if (connection.Session?.Device.ProductKey is not { } productKey)
        {
            return;
        }

        lock (_byProduct)
        {
            if (_byProduct.TryGetValue(productKey, out var ofProduct) && ofProduct.Remove(connection))
            {
                _byProduct.Remove(productKey);
            }
        }
    }

    public IEnumerable<MqttConnection> Connections() => _connections.Values;

    public Task<DeliverReply> DeliverAsync(DeliverRequest request)
    {
        var outcomes = ImmutableArray.CreateBuilder<DeliveryOutcome>(request.Deliveries.Length);
        foreach (var delivery in request.Deliveries)
        {
            var outcome = Deliver(request, delivery);
            outcomes.Add(outcome);
            if (outcome is DeliveryOutcome.Full or DeliveryOutcome.NotConnected or DeliveryOutcome.NotOpen)
            {
                // Those behind it must not overtake it.
                break;
            }
        }

        return Task.FromResult(new DeliverReply(outcomes.ToImmutable()));
    }

    public Task<SessionPushReply> PushAsync(SessionPushBatch batch)
    {
        var taken = ImmutableArray.CreateBuilder<bool>(batch.Sessions.Length);
        foreach (var push in batch.Sessions)
        {
            taken.Add(_connections.TryGetValue(push.ConnectionId, out var connection) && TryPush(connection, push));
        }

        return Task.FromResult(new SessionPushReply(taken.MoveToImmutable()));
    }

    public Task CloseAsync(CloseRequest request)
    {
        if (_connections.TryGetValue(request.ConnectionId, out var connection))
        {
            connection.Disconnect(request.Reason switch
            {
                CloseReason.TakenOver => ReasonCode.SessionTakenOver,
                CloseReason.AdministrativeAction => ReasonCode.AdministrativeAction,
                _ => ReasonCode.NotAuthorized,
            });
        }

        return Task.CompletedTask;
    }

    public Task<BroadcastTallies> BroadcastAsync(BroadcastBatch batch)
    {
        var tallies = new BroadcastTally[batch.Messages.Length];
        for (var i = 0; i < tallies.Length;)
        {
            // A batch is of one product as a rule, and then goes out to each connection in one piece.
            var first = i;
            while (++i < tallies.Length && batch.Messages[i].ProductKey == batch.Messages[first].ProductKey)
            {
            }

            Broadcast(batch.Messages.AsSpan(first, i - first), tallies.AsSpan(first, i - first));
        }

        return Task.FromResult(new BroadcastTallies([.. tallies]));
    }

    public Task ProductChangedAsync(string productKey, ProductView? product)
    {
        _products.Set(productKey, product);
        var connections = RentConnections(productKey, out var count);
        foreach (var connection in connections.AsSpan(0, count))
        {
            if (product is not { IsEnabled: true })
            {
                connection.Disconnect(ReasonCode.NotAuthorized);
            }
            else
            {
                connection.Permit(product);
            }
        }

        Return(connections);
        return Task.CompletedTask;
    }

    public Task TagsChangedAsync(long connectionId, DeviceTags tags)
    {
        if (_connections.TryGetValue(connectionId, out var connection))
        {
            connection.TagsChanged(tags);
        }

        return Task.CompletedTask;
    }

    public Task<ClientView?> FindClientAsync(long connectionId) =>
        Task.FromResult(_connections.TryGetValue(connectionId, out var connection) ? connection.ToView() : null);

    public Task<ClientList> ListClientsAsync(ClientQuery query)
    {
        var wanted = _connections.Values.Where(connection => connection is { IsOpen: true, Session: { } session, Peer: { } peer }
            && (query.ProductKey is null || session.Device.ProductKey == query.ProductKey)
            && (query.IsSlow ? session.MayBeSlow(peer) : query.After is not { } after || ClientOrder.ByName.Compare(session.Device, after) > 0));
        var clients = query.IsSlow
            ? wanted.Select(static connection => connection.ToView()).OfType<ClientView>().Where(ClientOrder.IsSlow).Order(ClientOrder.BySlowness).Take(query.Size)
            : wanted.OrderBy(static connection => connection.Session!.Device, ClientOrder.ByName).Take(query.Size)
                .Select(static connection => connection.ToView()).OfType<ClientView>();
        return Task.FromResult(new ClientList([.. clients]));
    }

    public Task ObeyAsync(StandingOrders orders)
    {
        Ordered?.Invoke(orders);
        return Task.CompletedTask;
    }

    public Task<TraceReading> ReadTraceAsync(string traceId, long from, int size) => Task.FromResult(_tracer.Read(traceId, from, size));

    private static void Return(MqttConnection[] connections) => ArrayPool<MqttConnection>.Shared.Return(connections, clearArray: true);

    private bool TryPush(MqttConnection connection, SessionPush push) =>
        connection is { IsOpen: true, Peer: { } peer, Session: { Kept: { } kept } session }
        && kept.Name.Order == push.Order
        && session.Push(peer, push.Messages.Select(message => (
            (OutboundMessage?)ToMessage(message.Message),
            new MessageCopy((QoS)message.QoS, message.IsRetain, message.Identifiers, Share: null, message.Sequence),
            message.IsDuplicate)));

    private RoutedMessage? ToMessage(SessionMessage? message) =>
        message is null ? null : new RoutedMessage(message.Topic, message.Properties, message.Payload, (QoS)message.QoS, Expiry.Of(message.ExpiresAt, _time));

    private DeliveryOutcome Deliver(DeliverRequest request, Gateways.Delivery delivery)
    {
        if (!_connections.TryGetValue(request.ConnectionId, out var connection) || connection.IsClosed || !connection.IsFromItsGrain(request.Generation))
        {
            return DeliveryOutcome.NotConnected;
        }

        if (!connection.IsOpenOrWillTell())
        {
            return DeliveryOutcome.NotOpen;
        }

        var (session, peer) = (connection.Session!, connection.Peer!);
        var message = new RoutedMessage(delivery.Topic, delivery.Payload, (QoS)delivery.QoS);
        return session.Deliver(peer, message, delivery.MessageId, delivery.IsDuplicate, delivery.NeedsSubscription);
    }

    private void Broadcast(ReadOnlySpan<BroadcastMessage> messages, Span<BroadcastTally> tallies)
    {
        var frames = new List<BroadcastFrame>(messages.Length);
        var places = new List<int>(messages.Length);
        for (var i = 0; i < messages.Length; i++)
        {
            if (!_recent.TryGet(messages[i].MessageId, out tallies[i]))
            {
                frames.Add(new BroadcastFrame(messages[i]));
                places.Add(i);
            }
        }

        if (frames.Count == 0)
        {
            return;
        }

        var connections = RentConnections(messages[0].ProductKey, out var count);
        var own = new BroadcastTally[frames.Count];
        BroadcastWriter.Write(connections.AsSpan(0, count), [.. frames], own);
        Return(connections);
        for (var i = 0; i < own.Length; i++)
        {
            tallies[places[i]] = own[i];
            _recent.Add(messages[places[i]].MessageId, own[i]);
            _instruments.Sent(own[i].Written);
            _instruments.Dropped(DropReason.Slow, own[i].Dropped);
        }
    }

    private MqttConnection[] RentConnections(string productKey, out int count)
    {
        lock (_byProduct)
        {
            if (_byProduct.TryGetValue(productKey, out var connections))
            {
                return connections.Rent(out count);
            }
        }

        count = 0;
        return ArrayPool<MqttConnection>.Shared.Rent(1);
    }
}
