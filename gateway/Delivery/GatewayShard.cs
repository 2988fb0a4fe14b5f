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
    /// <summary>Broadcasts may come as fast as it is asked for the last one: then a connection is opened without knowing of the very last.</summary>
    private const int ClaimsMax = 5;

    /// <summary>Devices that are asked for at once.</summary>
    private const int ClaimSize = 1_000;

    private readonly ConcurrentDictionary<long, MqttConnection> _connections = new();
    private readonly Dictionary<string, ProductConnections> _byProduct = new(StringComparer.Ordinal);
    private readonly RecentBroadcasts _recent = new();
    private readonly BroadcastTurns _turns = new();
    private readonly OngoingBroadcasts _ongoing;
    private readonly BroadcastReach _reach;
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
        _ongoing = new OngoingBroadcasts(time);
        _reach = new BroadcastReach(grains, logger);
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

    /// <summary>A connection is open: broadcasts reach it from here on, and those that it has missed and is to get are known.</summary>
    public async ValueTask OpenedAsync(MqttConnection connection)
    {
        var productKey = connection.Session!.Device.ProductKey;
        for (var i = 0; i < ClaimsMax; i++)
        {
            var (ongoing, added) = ForThoseWhoCome(productKey);
            if (ongoing.Length > 0)
            {
                connection.Missed = await MissedByAsync(connection, ongoing).ConfigureAwait(false);
            }

            if (TryOpen(connection, added))
            {
                return;
            }
        }

        TryOpen(connection, added: null);
    }

    /// <summary>A connection has been told that it is open: it gets what it has missed.</summary>
    public void Attached(MqttConnection connection)
    {
        if (connection.Missed is { } missed)
        {
            _turns.Add(connection.Session!.Device.ProductKey, missed);
        }
    }

    /// <summary>A connection has subscribed to something: it may be for it what goes to those who are subscribed, and come in time.</summary>
    public void Subscribed(MqttConnection connection)
    {
        if (_ongoing.Added > 0)
        {
            var (ongoing, _) = ForThoseWhoCome(connection.Session!.Device.ProductKey);
            if (ongoing.Any(broadcast => broadcast.Frame.Topic is not null && connection.Missed?.Has(broadcast.Frame) != true && broadcast.Frame.Concerns(connection.Session)))
            {
                _ = WriteMissedAsync(connection, ongoing);
            }
        }
    }

    // One that is known is in line: what is put there from here on comes behind its pass.
    private (OngoingBroadcast[] Ongoing, long Added) ForThoseWhoCome(string productKey)
    {
        if (_ongoing.Added == 0)
        {
            return ([], 0);
        }

        lock (_recent)
        {
            return (_ongoing.ForThoseWhoCome(productKey), _ongoing.Added);
        }
    }

    /// <returns>False when a broadcast has come since <paramref name="added"/> had, whose pass may be over.</returns>
    private bool TryOpen(MqttConnection connection, long? added)
    {
        lock (_byProduct)
        {
            if (added is { } known && _ongoing.Added != known)
            {
                return false;
            }

            var productKey = connection.Session!.Device.ProductKey;
            if (!_byProduct.TryGetValue(productKey, out var ofProduct))
            {
                _byProduct.Add(productKey, ofProduct = new ProductConnections());
            }

            ofProduct.Add(connection);
            return true;
        }
    }

    private async Task<MissedBroadcasts> MissedByAsync(MqttConnection connection, OngoingBroadcast[] ongoing)
    {
        var session = connection.Session!;
        var known = ongoing.Where(broadcast => broadcast.Frame.Concerns(session)).ToArray();
        var missed = new List<OngoingBroadcast>();
        foreach (var broadcast in known)
        {
            // One that it was found to have missed a moment ago has been claimed for it.
            if (connection.Missed?.IsToWrite(broadcast) == true
                || (connection.Missed?.Has(broadcast.Frame) != true && !(await _reach.ClaimAsync(broadcast, [session.Device.DeviceName]).ConfigureAwait(false)).IsEmpty))
            {
                missed.Add(broadcast);
            }
        }

        return new MissedBroadcasts(known, [.. missed], connection.Missed) { Connection = connection };
    }

    private async Task WriteMissedAsync(MqttConnection connection, OngoingBroadcast[] ongoing)
    {
        connection.Missed = await MissedByAsync(connection, ongoing).ConfigureAwait(false);
        Attached(connection);
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

    public async Task<BroadcastTallies> BroadcastAsync(BroadcastBatch batch)
    {
        if (batch.Messages is [{ IsLate: true } late])
        {
            return new BroadcastTallies([await BroadcastLateAsync(late with { IsLate = false }).ConfigureAwait(false)]);
        }

        var passes = PassesFor(batch.Messages);
        var tallies = ImmutableArray.CreateBuilder<BroadcastTally>(passes.Length);
        for (var i = 0; i < passes.Length; i++)
        {
            var (pass, place) = passes[i];
            var tally = pass is null ? BroadcastTally.OfUnknown : (await pass.Tallies.ConfigureAwait(false))[place];
            if (_ongoing.TryGet(batch.Messages[i].MessageId, out var ongoing))
            {
                // Before the answer: who comes anywhere from then on is asked for whether it has had it.
                await _reach.TellAsync(ongoing).ConfigureAwait(false);
                tally = ongoing.Progress(notesKept: 0).Tally;
            }

            tallies.Add(tally);
        }

        return new BroadcastTallies(tallies.MoveToImmutable());
    }

    public async Task<BroadcastProgressReply> FollowAsync(BroadcastSteps steps)
    {
        var progress = ImmutableArray.CreateBuilder<BroadcastProgress>(steps.Steps.Length);
        foreach (var step in steps.Steps)
        {
            progress.Add(await FollowAsync(step).ConfigureAwait(false));
        }

        return new BroadcastProgressReply(progress.MoveToImmutable());
    }

    public async Task RetryAsync(RetryRequest request)
    {
        if (_ongoing.Add(request.Message, out _) is not { } broadcast)
        {
            return;
        }

        broadcast.FollowedAt = _time.GetUtcNow();
        var work = new RetryWork(this, broadcast, request.DeviceNames);
        _turns.Add(request.Message.ProductKey, work);
        await work.Done.ConfigureAwait(false);
    }

    public Task<DeviceNamePage> ListUnacknowledgedAsync(long messageId, string? after, int size)
    {
        if (!_ongoing.TryGet(messageId, out var broadcast))
        {
            return Task.FromResult(new DeviceNamePage([], HasMore: false));
        }

        using var connections = RentConnections(broadcast.Message.ProductKey);
        var names = new List<string>();
        foreach (var connection in connections.All)
        {
            if (connection.Session is { } session
                && (after is null || string.CompareOrdinal(session.Device.DeviceName, after) > 0)
                && session.IsAwaiting(broadcast.Frame))
            {
                names.Add(session.Device.DeviceName);
            }
        }

        names.Sort(StringComparer.Ordinal);
        return Task.FromResult(new DeviceNamePage([.. names.Take(size)], names.Count > size));
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

    private async Task<BroadcastProgress> FollowAsync(BroadcastStep step)
    {
        if (!_ongoing.TryGet(step.MessageId, out var broadcast))
        {
            return new BroadcastProgress(step.MessageId, IsKnown: false, default, 0, 0, [], HasMoreNotes: false);
        }

        broadcast.FollowedAt = _time.GetUtcNow();
        if (step.Quota > 0)
        {
            var work = new LineWork(broadcast, step.Quota);
            _turns.Add(broadcast.Message.ProductKey, work);
            await work.Done.ConfigureAwait(false);
        }

        await _reach.TellAsync(broadcast).ConfigureAwait(false);
        if (step.IsOver)
        {
            using var connections = RentConnections(broadcast.Message.ProductKey);
            broadcast.End(connections.All);
        }

        if (step.IsForgotten)
        {
            _ongoing.Forget(step.MessageId);
        }

        return broadcast.Progress(step.NotesKept);
    }

    private async Task<BroadcastTally> BroadcastLateAsync(BroadcastMessage message)
    {
        if (_ongoing.Add(message, out var isNew) is not { } broadcast)
        {
            return BroadcastTally.OfUnknown;
        }

        if (isNew)
        {
            foreach (var some in ConnectionsOf(broadcast).Chunk(ClaimSize))
            {
                var missing = (await _reach.ClaimAsync(broadcast, [.. some.Select(static connection => connection.Session!.Device.DeviceName)]).ConfigureAwait(false)).ToHashSet();
                foreach (var connection in some.Where(connection => missing.Contains(connection.Session!.Device.DeviceName)))
                {
                    connection.Missed = new MissedBroadcasts([broadcast], [broadcast], connection.Missed) { Connection = connection };
                    Attached(connection);
                }
            }
        }

        return broadcast.Progress(notesKept: 0).Tally;
    }

    private List<MqttConnection> ConnectionsOf(OngoingBroadcast broadcast)
    {
        using var connections = RentConnections(broadcast.Message.ProductKey);
        var concerned = new List<MqttConnection>();
        foreach (var connection in connections.All)
        {
            if (connection.Session is { } session && broadcast.Frame.Concerns(session))
            {
                concerned.Add(connection);
            }
        }

        return concerned;
    }

    /// <summary>For each broadcast the pass that writes it, or has written it, and its place there; none for one that is not taken.</summary>
    private (BroadcastPass? Pass, int Place)[] PassesFor(ImmutableArray<BroadcastMessage> messages)
    {
        var passes = new (BroadcastPass? Pass, int Place)[messages.Length];
        lock (_recent)
        {
            for (var i = 0; i < messages.Length;)
            {
                // A batch is of one product as a rule, and then goes out to each connection in one piece.
                var first = i;
                while (++i < messages.Length && messages[i].ProductKey == messages[first].ProductKey)
                {
                }

                PassLocked(messages.AsSpan(first, i - first), passes.AsSpan(first, i - first));
            }
        }

        return passes;
    }

    private void PassLocked(ReadOnlySpan<BroadcastMessage> messages, Span<(BroadcastPass? Pass, int Place)> passes)
    {
        var frames = new List<BroadcastFrame>(messages.Length);
        var places = new List<int>(messages.Length);
        for (var i = 0; i < messages.Length; i++)
        {
            if (_recent.TryGet(messages[i].MessageId, out var known))
            {
                passes[i] = known;
            }
            else if (FrameFor(messages[i]) is { } frame)
            {
                frames.Add(frame);
                places.Add(i);
            }
        }

        if (frames.Count == 0)
        {
            return;
        }

        var pass = new BroadcastPass(this, messages[0].ProductKey, [.. frames], _instruments);
        for (var i = 0; i < places.Count; i++)
        {
            passes[places[i]] = (pass, i);
            _recent.Add(messages[places[i]].MessageId, pass, i);
        }

        _turns.Add(messages[0].ProductKey, pass);
    }

    /// <returns>Null where too many last.</returns>
    private BroadcastFrame? FrameFor(BroadcastMessage message) =>
        message.IsLasting ? _ongoing.Add(message, out _)?.Frame : new BroadcastFrame(message, _time);

    /// <summary>The open connections of a product; the caller disposes of them.</summary>
    public RentedConnections RentConnections(string productKey)
    {
        lock (_byProduct)
        {
            return _byProduct.TryGetValue(productKey, out var connections) ? connections.Rent() : new RentedConnections([]);
        }
    }
}
