using IotPlatform.Compat;
using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Sessions;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Sessions.Model;

/// <summary>Clients that do anything, beside a model of what each of them must see. After every step they have seen exactly that.</summary>
internal sealed class SessionModel : IAsyncDisposable
{
    /// <summary>What messages and acknowledgements travel by; none of them waits for time to pass.</summary>
    private static readonly string[] MessageCalls =
    [
        $"{nameof(IGatewayObserver)}.{nameof(IGatewayObserver.PushAsync)}",
        $"{nameof(ISessionShardGrain)}.{nameof(ISessionShardGrain.PublishAsync)}",
        $"{nameof(ISessionShardGrain)}.{nameof(ISessionShardGrain.StepAsync)}",
    ];

    private static readonly string[] Topics = ["a", "b", "a/b"];
    private static readonly string[] Filters = ["a", "b", "a/b", "+", "a/#", "#"];

    private static readonly TimeSpan DriveAfter = TimeSpan.FromMilliseconds(200);

    private readonly Edge _edge = new();
    private readonly Random _random;
    private readonly ModelClient[] _clients;
    private readonly List<string> _history = [];
    private EdgeClient _publisher = null!;
    private int _published;
    private int _subscribed;

    public SessionModel(int seed)
    {
        _random = new Random(seed);
        var limits = _edge.Settings.Session;
        limits.QueuedMessagesMax = _random.Next(1, 6);
        limits.QueueFull = _random.Next(2) == 0 ? QueueFullAction.DropNewest : QueueFullAction.DropOldest;
        limits.InFlightMax = _random.Next(1, 6);
        _history.Add($"{limits.QueuedMessagesMax} may wait, {limits.QueueFull}, {limits.InFlightMax} in flight");
        _clients = [.. Enumerable.Range(0, 3).Select(i => new ModelClient(_edge, $"c{i}", (ProtocolVersion)_random.Next(4, 6)))];
    }

    public async ValueTask DisposeAsync()
    {
        // Calls that wait for something to happen end with their time.
        var disposing = _edge.DisposeAsync().AsTask();
        while (!disposing.IsCompleted)
        {
            _edge.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await disposing;
    }

    /// <summary>What has been done.</summary>
    public IEnumerable<string> History => _history;

    public async Task RunAsync(int steps)
    {
        _publisher = await EdgeClient.ConnectAsync(_edge, "p");
        for (var i = 0; i < steps; i++)
        {
            await StepAsync(_clients[_random.Next(_clients.Length)]);
            await CheckAsync();
        }

        foreach (var client in _clients)
        {
            await FinishAsync(client);
        }
    }

    private async Task StepAsync(ModelClient client)
    {
        if (client.Connection is null && _random.Next(3) == 0)
        {
            await ConnectAsync(client, cleanStart: _random.Next(4) == 0);
            return;
        }

        switch (_random.Next(12))
        {
            case < 5:
                await PublishAsync(_clients[_random.Next(_clients.Length)]);
                break;
            case 5 or 6 when client.Connection is not null:
                await SubscribeAsync(client);
                break;
            case 7 when client.Connection is not null && client.Session!.Filters.Count > 0:
                var filter = client.Session.Filters.First();
                _history.Add($"{client.ClientId} unsubscribes from {filter}");
                await DriveAsync(client.Connection.UnsubscribeAsync(filter));
                client.Session.Unsubscribe(filter);
                break;
            case 8 when client.Connection is not null && _random.Next(2) == 0:
                Disconnect(client);
                break;
            case 9:
                await WaitAsync(TimeSpan.FromSeconds(_random.Next(20)));
                ForgetExpired();
                break;
            default:
                Acknowledge(client);
                break;
        }
    }

    private async Task ConnectAsync(ModelClient client, bool cleanStart)
    {
        var isPresent = client.Session is not null && !cleanStart;
        var session = isPresent ? client.Session! : NewSession();
        session.Expiry = client.Version == ProtocolVersion.Mqtt500 ? TimeSpan.FromSeconds(_random.Next(3) == 0 ? 0 : _random.Next(5, 40))
            : cleanStart ? TimeSpan.Zero
            : _edge.Settings.Session.ExpiryMax;
        var receiveMaximum = _random.Next(1, _edge.Settings.Session.InFlightMax + 1);
        _history.Add($"{client.ClientId} ({(int)client.Version}) connects, clean start {cleanStart}, for {session.Expiry}, takes {receiveMaximum}");
        await client.ConnectAsync(session, cleanStart, receiveMaximum, isPresent);
    }

    private ModelSession NewSession() => new(_edge.Settings.Session.QueuedMessagesMax, _edge.Settings.Session.QueueFull == QueueFullAction.DropOldest);

    // From whoever listens, or from one who does not.
    private async Task PublishAsync(ModelClient client)
    {
        var (topic, qos, payload) = (Topics[_random.Next(Topics.Length)], (QoS)_random.Next(3), $"m{_published++}");
        var isOwn = client.Connection is not null && _random.Next(3) == 0;
        var from = isOwn ? client.Connection! : _publisher;
        _history.Add($"{(isOwn ? client.ClientId : "p")} publishes {payload} to {topic} at {(int)qos}");
        var acknowledged = from.Acknowledgements.Length;

        // SUBACK comes a moment before the server reads on, and QoS 0 has nothing to wait for.
        await Patience.UntilAsync(() => !from.IsPaused, "the server reads");
        var packetId = from.Publish(topic, payload, qos);
        if (qos == QoS.ExactlyOnce && _random.Next(3) == 0)
        {
            // A second copy of one is not a second message [MQTT-4.3.3-10].
            from.Publish(topic, payload, qos, packetId: packetId);
            acknowledged++;
        }

        if (qos != QoS.AtMostOnce)
        {
            await DriveAsync(Patience.UntilAsync(() => from.Acknowledgements.Length > acknowledged, $"the acknowledgement of {payload}"));
        }

        if (qos == QoS.ExactlyOnce)
        {
            await ReleaseAsync(from, packetId);
        }

        foreach (var other in _clients)
        {
            other.Take(topic, payload, qos, isOwn && other == client);
        }
    }

    private static async Task ReleaseAsync(EdgeClient from, int packetId)
    {
        from.Send([0x62, 0x02, (byte)(packetId >> 8), (byte)packetId]);
        await Patience.UntilAsync(() => from.Packets.Exists(packet => packet.Type == PacketType.PubComp && packet.PacketId == packetId), $"PUBCOMP of {packetId}");
    }

    private async Task SubscribeAsync(ModelClient client)
    {
        var filter = Filters[_random.Next(Filters.Length)];
        var isNew = client.Version == ProtocolVersion.Mqtt500;
        var options = new SubscriptionOptions(
            (QoS)_random.Next(3), NoLocal: isNew && _random.Next(3) == 0, RetainHandling: isNew ? (RetainHandling)(_subscribed++ % 3) : RetainHandling.Send);
        _history.Add($"{client.ClientId} subscribes to {filter}: {options}");
        var granted = client.Connection!.SubscribeAsync((filter, options));
        await DriveAsync(granted);
        Assert.Equal([(ReasonCode)options.QoS], await granted);
        client.Session!.Subscribe(filter, options);
    }

    private void Disconnect(ModelClient client)
    {
        var (connection, session) = (client.Connection!, client.Session!);
        if (_random.Next(2) == 0)
        {
            _history.Add($"{client.ClientId} is lost");
            connection.Abort();
        }
        else
        {
            var expiry = client.Version == ProtocolVersion.Mqtt500 && session.Expiry > TimeSpan.Zero && _random.Next(2) == 0 ? _random.Next(40) : (int?)null;
            session.Expiry = expiry is { } seconds ? TimeSpan.FromSeconds(seconds) : session.Expiry;
            _history.Add($"{client.ClientId} disconnects, session for {session.Expiry}");
            connection.Send(new DisconnectPacket { SessionExpiryInterval = (uint?)expiry });
        }

        client.Disconnected(_edge.Time.GetUtcNow());
    }

    // What clients have acknowledged, and that they have gone, reaches those who keep their sessions a moment later.
    private async Task WhenKnownAsync(ModelClient client)
    {
        var device = new DeviceId(LoginReader.AnonymousProduct, client.ClientId);
        var shard = _edge.KeptSessions.Of(device).Grain;
        var expected = (client.Connection is not null, client.Session?.MessageCount ?? 0);
        var deadline = Environment.TickCount64 + 20_000;
        while (await shard.FindAsync(device).InTimeAsync() is { } view && !(view.ExpiresAt <= _edge.Time.GetUtcNow()) && (view.IsConnected, view.QueuedMessages) != expected)
        {
            Assert.True(Environment.TickCount64 < deadline, $"Waited 20 s until {client.ClientId}'s session has {expected}; it has {view}.");
            await Task.Yield();
        }
    }

    // Whoever has to know of a filter may have to be waited for until its time is up.
    private async Task DriveAsync(Task waiting)
    {
        while (await Task.WhenAny(waiting, Task.Delay(DriveAfter)) != waiting)
        {
            await WaitAsync(TimeSpan.FromSeconds(1));
            ForgetExpired();
        }

        await waiting;
    }

    // What has been done is seen before the call that did it is answered. Its time must not run out: it would be tried again, later, and meanwhile what was sent would count as waiting.
    private async Task WaitAsync(TimeSpan time)
    {
        await Patience.UntilAsync(() => _edge.Host.Engine.WaitingCalls.All(static calls => calls.Count == 0 || !MessageCalls.Contains(calls.Method)), "the answers to what was sent");
        _history.Add($"{time} pass");
        _edge.Time.Advance(time);
    }

    private void ForgetExpired()
    {
        foreach (var client in _clients)
        {
            if (client is { Connection: null, Session: { } session } && session.OfflineSince + session.Expiry <= _edge.Time.GetUtcNow())
            {
                client.Session = null;
            }
        }
    }

    // In any order, late or never.
    private void Acknowledge(ModelClient client)
    {
        if (client.Connection is null || client.Session!.InFlight is not { Length: > 0 } inFlight)
        {
            return;
        }

        var message = inFlight[_random.Next(inFlight.Length)];
        _history.Add($"{client.ClientId} answers {message}");
        if (message.QoS == QoS.AtLeastOnce)
        {
            client.Answer(message, PacketType.PubAck);
        }
        else if (message.IsReleased)
        {
            client.Answer(message, PacketType.PubComp);
        }
        else
        {
            var isRefused = client.Version == ProtocolVersion.Mqtt500 && _random.Next(8) == 0;
            client.Answer(message, PacketType.PubRec, isRefused ? ReasonCode.UnspecifiedError : ReasonCode.Success);
        }
    }

    private async Task CheckAsync()
    {
        foreach (var client in _clients)
        {
            await client.CheckAsync();
            await WhenKnownAsync(client);
        }
    }

    // Every client that has a session comes back for what is left of it.
    private async Task FinishAsync(ModelClient client)
    {
        if (client.Session is null)
        {
            return;
        }

        if (client.Connection is null)
        {
            await ConnectAsync(client, cleanStart: false);
            await CheckAsync();
        }

        while (client.Session.MessageCount > 0)
        {
            Assert.NotEmpty(client.Session.InFlight);
            Acknowledge(client);
            await CheckAsync();
        }
    }
}
