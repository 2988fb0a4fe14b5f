using System.Collections.Concurrent;
using System.Collections.Immutable;
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
internal sealed partial class GatewayShard : IGatewayObserver
{
    private readonly ConcurrentDictionary<long, MqttConnection> _connections = new();
    private readonly Dictionary<string, ProductConnections> _byProduct = new(StringComparer.Ordinal);
    private readonly ProductCache _products;
    private readonly GatewayInstruments _instruments;
    private readonly Tracer _tracer;
    private readonly TimeProvider _time;

    public GatewayShard(BroadcastTurns turns, InvocationBound invocations, ProductCache products, GatewayInstruments instruments, Tracer tracer, IGrainFactory grains, TimeProvider time, ILogger<GatewayShard> logger)
    {
        _tracer = tracer;
        _products = products;
        _instruments = instruments;
        _time = time;
        _turns = turns;
        _invocations = invocations;
        _ongoing = new OngoingBroadcasts(instruments, time);
        _reach = new BroadcastReach(grains, logger);
        _unknownClaims = new UnknownClaims(_reach, Missed, instruments, time);
        Reference = grains.CreateObjectReference<IGatewayObserver>(this);
    }

    /// <summary>What grains hold of it.</summary>
    public IGatewayObserver Reference { get; }

    /// <summary>Called with the standing orders when they have changed.</summary>
    public Action<StandingOrders>? Ordered { get; set; }

    public int ConnectionCount => _connections.Count;

    /// <summary>A connection that is about to be attached: its grain may call before it is open.</summary>
    public void Announce(MqttConnection connection) => _connections[connection.ConnectionId] = connection;

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

    /// <summary>The open connections of a product; the caller disposes of them.</summary>
    public RentedConnections RentConnections(string productKey)
    {
        lock (_byProduct)
        {
            return _byProduct.TryGetValue(productKey, out var connections) ? connections.Rent() : new RentedConnections([]);
        }
    }

    public Task<DeliverReply> DeliverAsync(DeliverRequest request) => Task.FromResult(Deliver(request));

    public Task<DeliverBatchReply> DeliverAllAsync(DeliverBatch batch)
    {
        var replies = ImmutableArray.CreateBuilder<DeliverReply>(batch.Requests.Length);
        foreach (var request in batch.Requests)
        {
            replies.Add(Deliver(request));
        }

        return Task.FromResult(new DeliverBatchReply(replies.MoveToImmutable()));
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

    public Task ProductChangedAsync(string productKey, ProductView? product)
    {
        _products.Set(productKey, product);
        using var connections = RentConnections(productKey);
        foreach (var connection in connections.All)
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

    private bool TryPush(MqttConnection connection, SessionPush push) =>
        connection is { IsOpen: true, Peer: { } peer, Session: { Kept: { } kept } session }
        && kept.Name.Order == push.Order
        && session.Push(peer, push.Messages.Select(message => (
            (OutboundMessage?)ToMessage(message.Message),
            new MessageCopy((QoS)message.QoS, message.IsRetain, message.Identifiers, Share: null, message.Sequence),
            message.IsDuplicate)));

    private RoutedMessage? ToMessage(SessionMessage? message) =>
        message is null ? null : new RoutedMessage(message.Topic, message.Properties, message.Payload, (QoS)message.QoS, Expiry.Of(message.ExpiresAt, _time));

    private DeliverReply Deliver(DeliverRequest request)
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

        return new DeliverReply(outcomes.DrainToImmutable());
    }

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
}
