using IotPlatform.Clients;
using IotPlatform.Delivery;
using IotPlatform.Devices;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Products;
using IotPlatform.Routing;
using IotPlatform.Tracing;
using IotPlatform.Transport;

namespace IotPlatform.Sessions;

/// <summary>
/// The protocol side of one connection: AwaitingConnect → Authenticating, where the client names a method → Attaching → Open → Closed. Packets are handled by one thread at a time; whoever has something
/// to send does so through the session.
/// </summary>
internal sealed partial class MqttConnection(IConnection connection, MqttConnectionServices services) : SessionPeer(connection), IConnectionHandler, IPausedReceiver
{
    /// <summary>Time for a slow peer to take what is waiting for it when it is disconnected.</summary>
    private const int LastWordsSeconds = 5;

    private static readonly TimeSpan DetachRetryMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DetachRetryMax = TimeSpan.FromSeconds(8);

    /// <summary>One for all connections: it is taken when somebody traces, and a connection should not carry it until then.</summary>
    private static readonly Lock Retracing = new();

    private int _state;
    private Session? _session;
    private volatile bool _isPeer;
    private volatile ProductTopics? _topics;
    private IDeviceGrain? _device;
    private List<string>? _acknowledged;
    private SeldomNeeded? _seldom;
    private int _lastSeen = services.Watch.Now;
    private int _connectBytes;
    private int _silenceMax = (int)Math.Ceiling(services.Options.ConnectTimeout.TotalSeconds);
    private long _order;
    private long _generation;
    private bool _wasAskedEarly;
    private bool _wasTaggedEarly;
    private bool _wantsNoProblems;
    private bool _isAnonymous;
    private long _since;
    private volatile ConnectionTrace? _trace;
    private long _messagesReceived;
    private long _bytesReceived;
    private volatile bool _isDelayed;
    private bool _isToBeChecked;
    private volatile bool _isGone;

    public long ConnectionId => Connection.Id;

    /// <summary>The client id; empty before CONNECT.</summary>
    public string ClientId { get; private set; } = "";

    /// <summary>When it logged in.</summary>
    public DateTimeOffset Since => new(_since, TimeSpan.Zero);

    /// <summary>PUBLISH packets from its client.</summary>
    public long MessagesReceived => Volatile.Read(ref _messagesReceived);

    /// <summary>Bytes from its client.</summary>
    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    /// <summary>Notes what happens on it; null: nobody wishes that.</summary>
    public ConnectionTrace? Trace => _trace;

    public bool IsOpen => State == ConnectionState.Open;

    public bool IsClosed => State == ConnectionState.Closed;

    /// <summary>Nothing is left of it.</summary>
    public bool IsGone => _isGone;

    /// <summary>Where it is among the connections that a broadcast walks, which have this in their hands; -1: not there.</summary>
    public int PlaceInProduct { get; set; } = -1;

    public Session? Session => _session;

    /// <summary>Itself, once what its client takes is known and it has a session.</summary>
    public SessionPeer? Peer => _isPeer ? this : null;

    /// <summary>When it has been silent for too long, in the seconds of <see cref="PeerWatch"/>. While it is not listened to, that is not the client's silence.</summary>
    public int OverdueAt =>
        _silenceMax == int.MaxValue ? int.MaxValue : ((_isDelayed || _seldom?.Deferred is { IsPaused: true }) && !IsClosed ? services.Watch.Now : _lastSeen) + _silenceMax;

    private ConnectionState State => (ConnectionState)Volatile.Read(ref _state);

    private Attachment Attachment => services.Shards.AttachmentOf(ConnectionId);

    // Made anew when it is needed, which is seldom: its key is longer than all else that it holds.
    private IDeviceGrain Device => _device ?? services.Grains.GetGrain<IDeviceGrain>(_session!.Device.GrainKey);

    private GatewayShard Shard => services.Shards.ShardOf(ConnectionId);

    // Its packets are handled by one thread at a time, but broadcasts come from others.
    private SeldomNeeded Seldom => _seldom ?? Interlocked.CompareExchange(ref _seldom, new SeldomNeeded(), null) ?? _seldom!;

    private TopicPolicy Topics => new(_session!.Device, _topics!);

    private ReasonTerms Terms => new(Version, MaximumPacketSize, _wantsNoProblems, HasNone: !services.Options.ReasonStrings);

    public (int Taken, ReceiveOutcome Outcome) Received(ReadOnlySpan<byte> received, out int needed)
    {
        if (State is not (ConnectionState.AwaitingConnect or ConnectionState.Authenticating))
        {
            // Before that, time runs against the client however busy it is.
            _lastSeen = services.Watch.Now;
        }

        var responses = new ResponseBuffer(Connection, stackalloc byte[512]);
        var taken = 0;
        var outcome = ReceiveOutcome.Continue;
        while (outcome == ReceiveOutcome.Continue && TryReadFrame(received[taken..], out var header, out outcome))
        {
            var body = received.Slice(taken + header.HeaderLength, header.BodyLength);
            taken += header.TotalLength;
            outcome = Handle(header, body, ref responses);
        }

        Volatile.Write(ref _bytesReceived, _bytesReceived + taken);
        responses.Flush();
        ForwardAcknowledgements();
        if (responses.IsLost)
        {
            outcome = Refuse(ReasonCode.QuotaExceeded);
        }

        needed = outcome == ReceiveOutcome.Continue ? NeededFor(received[taken..]) : 0;
        return (taken, outcome);
    }

    public void Closed()
    {
        Interlocked.Exchange(ref _state, (int)ConnectionState.Closed);
        _isGone = true;
        LogClosed(services.Logger, ConnectionId);
        _trace?.Closed();
        Shard.Remove(this);
        if (_isPeer)
        {
            services.Instruments.Ended();
            _session!.Detach(this);
            services.Sessions.Release(_session, this);
            PublishWill();

            // Behind Detach: from there on the session takes no request.
            _seldom?.Invocations?.End();
        }

        // Also where the login was not carried through: whether the grain took it may not be known.
        if (_device is not null || _isPeer)
        {
            _ = DetachAsync(() => Device.DetachAsync(Attachment));
        }
    }

    /// <summary>Whether its grain is to be asked for it, from here on.</summary>
    /// <returns>False when that was so already.</returns>
    public bool TryMarkForCheck() => !Interlocked.Exchange(ref _isToBeChecked, true);

    /// <summary>Its grain is being asked.</summary>
    public void ClearMark() => Volatile.Write(ref _isToBeChecked, false);

    /// <summary>
    /// Attaches an open connection again, where its grain has forgotten it; does nothing where it has not. Ends it where the device has a newer one.
    /// </summary>
    /// <returns>False when that is to be tried again: this gateway's lease has lapsed, and attaches nothing.</returns>
    public async Task<bool> ReattachAsync()
    {
        if (!IsOpen || _order == 0)
        {
            return true;
        }

        var reply = await AttachAgainAsync(new DeviceCredential(_isAnonymous ? CredentialKind.Anonymous : CredentialKind.Proven, "")).ConfigureAwait(false);
        services.Instruments.Reattached(reply.Outcome.ToString());
        return reply.Outcome != AttachOutcome.GatewayLapsed;
    }

    /// <summary>Whether a delivery comes from the grain that the connection is attached to, and not from one that has been replaced.</summary>
    public bool IsFromItsGrain(long generation) => Learn(generation) <= generation;

    /// <summary>Attaches an open connection once more. Where its grain refuses that, it ends; but not when its gateway's lease has lapsed.</summary>
    private async Task<AttachReply> AttachAgainAsync(DeviceCredential credential)
    {
        var reply = await Device.AttachAsync(RequestAgain(credential), CancellationToken.None).ConfigureAwait(false);
        Learn(reply.Generation);
        if (reply.Tags is { } tags)
        {
            _session!.Learn(tags, isChange: false);
        }

        if (reply.Outcome is not (AttachOutcome.Attached or AttachOutcome.GatewayLapsed))
        {
            Disconnect(ReasonFor(reply.Outcome));
        }
        else if (reply.HasWaiting)
        {
            await Device.OpenAsync(Attachment).ConfigureAwait(false);
        }

        return reply;
    }

    /// <summary>What traces stand has changed, or whom it belongs to.</summary>
    /// <param name="device">Its device, before it has a session.</param>
    public void Retrace(DeviceId? device = null)
    {
        lock (Retracing)
        {
            // One at a time: who looked at the traces earlier must not have the last word.
            _trace = services.Tracer.IsActive
                ? services.Tracer.For(new TracedClient(ConnectionId, Connection.RemoteEndPoint, ClientId, device ?? _session?.Device), Version, Aliases)
                : null;
            Connection.Tap = _trace;
        }
    }

    /// <summary>Broadcasts that it has missed while it was away, and gets before any other; null: none.</summary>
    public MissedBroadcasts? Missed
    {
        get => _seldom?.Missed;
        set => Seldom.Missed = value;
    }

    /// <summary>Whether its client may not be connected.</summary>
    public bool IsBanned() => services.Bans.IsBanned(Connection.RemoteEndPoint) || (_session is { } session && services.Bans.IsBanned(session.Device));

    /// <summary>Its client, as it is now; null where it is not open.</summary>
    public ClientView? ToView() => IsOpen && _isPeer ? _session!.ToView(services.Shards.Gateway, this, this) : null;

    /// <summary>Its product permits other topics from here on. A client that is subscribed to what it may not any more learns that when it comes back.</summary>
    public void Permit(ProductView product)
    {
        _topics = services.Logins.TopicsOf(product);
        foreach (var filter in _session!.Filters())
        {
            if (!Topics.MaySubscribeTo(filter))
            {
                Disconnect(ReasonCode.NotAuthorized);
                return;
            }
        }
    }

    /// <summary>The tags of its device have changed.</summary>
    public void TagsChanged(DeviceTags tags)
    {
        if (_session is null)
        {
            // The answer to the attach may have been given before. The session may be opened between the look and the mark: one of the two sees the other.
            Interlocked.Exchange(ref _wasTaggedEarly, true);
        }

        _session?.Learn(tags, isChange: true);
    }

    // The grain may deliver before its answer to the attach has arrived: whichever names the generation first.
    private long Learn(long generation)
    {
        while (true)
        {
            var known = Volatile.Read(ref _generation);
            if (known >= generation || Interlocked.CompareExchange(ref _generation, generation, known) == known)
            {
                return Math.Max(known, generation);
            }
        }
    }

    /// <summary>Ends the connection with a reason: an open 5.0 client is told it first. May be called often and from anywhere.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="serverReference">Where the client is to go instead (MQTT 5.0 section 4.11).</param>
    public void Disconnect(ReasonCode reason, string? serverReference = null)
    {
        var before = (ConnectionState)Interlocked.Exchange(ref _state, (int)ConnectionState.Closed);
        if (before == ConnectionState.Closed)
        {
            return;
        }

        // What its client answers from here on is not read.
        _seldom?.Invocations?.End();
        LogDisconnected(services.Logger, ConnectionId, reason);
        services.Instruments.Disconnected(reason.ToString());
        if (before == ConnectionState.Open && Version == ProtocolVersion.Mqtt500)
        {
            // [MQTT-3.1.2-24], [MQTT-3.14.2-3]
            var terms = Terms;
            var text = terms.TextFor(PacketType.Disconnect, [reason]);
            var packet = terms.Encode(
                new DisconnectPacket { ReasonCode = reason, ServerReference = serverReference, ReasonString = text },
                new DisconnectPacket { ReasonCode = reason, ServerReference = serverReference });
            AwaitEnd();
            _session!.CloseWith(Connection, packet ?? new DisconnectPacket { ReasonCode = reason }.ToArray(Version));
            return;
        }

        CloseGracefully();
    }

    void IPausedReceiver.ResumeReceiving()
    {
        _lastSeen = services.Watch.Now;
        Connection.Resume();
    }

    void IPausedReceiver.Disconnect(ReasonCode reason) => Disconnect(reason);

    /// <summary>Its login is done. False when it was closed meanwhile.</summary>
    public bool TryOpen() =>
        Interlocked.CompareExchange(ref _state, (int)ConnectionState.Open, (int)ConnectionState.Attaching) == (int)ConnectionState.Attaching;

    /// <summary>It has been silent for too long, or does not take its last words.</summary>
    public void Overdue()
    {
        if (IsClosed)
        {
            Connection.Close(isGraceful: false);
            return;
        }

        Disconnect(ReasonCode.KeepAliveTimeout);
    }

    /// <summary>Whether it takes deliveries. If not yet, its grain is called once it does.</summary>
    public bool IsOpenOrWillTell()
    {
        if (IsOpen)
        {
            return true;
        }

        // It may open between the look and the mark: one of the two sees the other.
        Interlocked.Exchange(ref _wasAskedEarly, true);
        return IsOpen;
    }

    private static ReasonCode ReasonFor(AttachOutcome refusal) => refusal switch
    {
        AttachOutcome.Superseded => ReasonCode.SessionTakenOver,
        AttachOutcome.GatewayLapsed => ReasonCode.ServerUnavailable,
        _ => ReasonCode.NotAuthorized,
    };

    private static int NeededFor(ReadOnlySpan<byte> rest) =>
        Frame.TryRead(rest, int.MaxValue, out var header) == FrameStatus.NeedMore ? header.TotalLength : 0;

    private bool TryReadFrame(ReadOnlySpan<byte> received, out FixedHeader header, out ReceiveOutcome outcome)
    {
        outcome = ReceiveOutcome.Continue;
        var limit = State is ConnectionState.AwaitingConnect or ConnectionState.Authenticating ? services.Options.ConnectBytesMax : services.Options.PacketBytesMax;
        switch (Frame.TryRead(received, limit, out header))
        {
            case FrameStatus.Complete:
                return true;
            case FrameStatus.NeedMore:
                return false;
            case FrameStatus.TooLarge:
                services.Instruments.Limited(ClientLimit.PacketBytes);
                outcome = Refuse(ReasonCode.PacketTooLarge);
                return false;
            default:
                outcome = Refuse(ReasonCode.MalformedPacket);
                return false;
        }
    }

    private ReceiveOutcome Handle(FixedHeader header, ReadOnlySpan<byte> body, ref ResponseBuffer responses)
    {
        switch (State)
        {
            case ConnectionState.Open:
                return HandleOpen(header, body, ref responses);
            case ConnectionState.AwaitingConnect when header.Type == PacketType.Connect:
                return HandleConnect(header, body);
            case ConnectionState.Authenticating:
                return HandleAuthenticating(header, body);
            default:
                // [MQTT-3.1.0-1] The first packet is CONNECT.
                return Refuse(ReasonCode.ProtocolError);
        }
    }

    /// <summary>The client broke the protocol: it is disconnected, or, where it is still to be told whether it is connected, that it is not.</summary>
    private ReceiveOutcome Refuse(ReasonCode reason)
    {
        if (State == ConnectionState.Authenticating)
        {
            return RefuseConnect(reason);
        }

        Disconnect(reason);
        return ReceiveOutcome.Stop;
    }

    private void CloseGracefully()
    {
        AwaitEnd();
        Connection.Close(isGraceful: true);
    }

    // A peer that does not take what is waiting for it gets a last while.
    private void AwaitEnd()
    {
        _lastSeen = services.Watch.Now;
        _silenceMax = LastWordsSeconds;
        services.Watch.Add(this);
    }

    private void PublishWill()
    {
        if (_seldom?.TakeWill() is { } will)
        {
            _ = services.Publisher.PublishAsync(_session, will).AsTask();
        }
    }

    // A grain that is not told would take the device for connected.
    private async Task DetachAsync(Func<Task> tell)
    {
        for (var wait = DetachRetryMin; ; wait *= 2)
        {
            try
            {
                await tell().ConfigureAwait(false);
                return;
            }
            catch (Exception exception)
            {
                LogGrainFailed(services.Logger, exception, ConnectionId);
            }

            if (wait > DetachRetryMax)
            {
                return;
            }

            await Task.Delay(wait, services.Time).ConfigureAwait(false);
        }
    }

    // What waits for the device would wait on if its grain were not told.
    private async Task TellAsync(Task<AttachmentStanding> call)
    {
        try
        {
            Settle(await call.ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            LogGrainFailed(services.Logger, exception, ConnectionId);
            services.Keeper.Check(this);
        }
    }

    private void Settle(AttachmentStanding standing)
    {
        if (standing == AttachmentStanding.Superseded)
        {
            Disconnect(ReasonCode.SessionTakenOver);
        }
        else if (standing != AttachmentStanding.Current)
        {
            services.Keeper.Check(this);
        }
    }
}
