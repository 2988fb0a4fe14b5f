using IotPlatform.Devices;
using IotPlatform.Storage;
using IotPlatform.Topics;
using Orleans.Concurrency;

namespace IotPlatform.Sessions;

/// <summary>
/// The sessions of one shard, all of them in memory from its activation on, their messages only while their clients are connected. Reentrant, because what is
/// promised waits for the disk and must hold up nobody else: every method changes the fields in one turn between two awaits, and looks again after each whether
/// the connection that it is for is still the session's.
/// </summary>
[Reentrant]
internal sealed partial class SessionShardGrain(SessionServices services) : Grain, ISessionShardGrain
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(5);

    /// <summary>How long a session that is over is kept because nobody takes what it has of shared subscriptions.</summary>
    private static readonly TimeSpan HandOverPatience = TimeSpan.FromMinutes(10);

    private readonly Dictionary<DeviceId, StoredSession> _sessions = [];
    private readonly SessionIndex _index = new(services.Options.FiltersMax / SessionShards.Count, services.Time);
    private readonly List<SessionPusher> _pushers = [];
    private int _shard;
    private long _epoch;

    private DateTimeOffset Now => services.Time.GetUtcNow();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _shard = SessionShards.FromKey(this.GetPrimaryKeyString());
        _epoch = Now.ToUnixTimeMilliseconds();
        foreach (var record in await services.Store.LoadAsync(_shard))
        {
            Restore(record);
        }

        foreach (var (device, sequence, head) in await services.Store.LoadHeadsAsync(_shard))
        {
            if (_sessions.TryGetValue(device, out var session))
            {
                session.Queue.AddStored(new QueuedMessage(sequence, head));
                session.LastSequence = Math.Max(session.LastSequence, sequence);
                services.Instruments.Queued(1, head.Bytes);
            }
        }

        var timing = new GrainTimerCreationOptions { DueTime = SweepInterval, Period = SweepInterval, Interleave = true };
        this.RegisterGrainTimer(SweepAsync, timing);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        services.Instruments.Kept(-_sessions.Count);
        foreach (var session in _sessions.Values)
        {
            services.Instruments.Queued(-session.Queue.Count, -session.Queue.Bytes);
        }

        return Task.CompletedTask;
    }

    public async Task<OpenedSession> OpenAsync(OpenSession request)
    {
        var (device, order) = (request.Session.Device, request.Session.Order);
        var wish = request.Wish;
        var session = _sessions.GetValueOrDefault(device);
        if (session?.Order > order)
        {
            return OpenedSession.Superseded;
        }

        // [MQTT-4.1.0-2] Its time is up, and nobody has noticed yet.
        if (session is { Connection: null } && session.EndsAt <= Now)
        {
            await EndAsync(session, "Expired");
            session = _sessions.GetValueOrDefault(device);
        }

        // [MQTT-3.1.2-6] What was to end with its connection is not resumed, even when a takeover ends that. A call may be repeated, though.
        if (session is not null && session.Order < order && (wish.IsCleanStart || (session.Connection is not null && session.Expiry <= TimeSpan.Zero)))
        {
            AwaitWill(session);
            await EndAsync(session, wish.IsCleanStart ? "CleanStart" : "Expired");
            session = _sessions.GetValueOrDefault(device);
            if (session?.Order > order)
            {
                return OpenedSession.Superseded;
            }
        }

        if (session is null && wish.Expiry <= TimeSpan.Zero)
        {
            return OpenedSession.NotKept;
        }

        var isPresent = session is not null && session.Order < order;
        session ??= Make(device, wish.Bounds, order);
        Connect(session, order, new SessionConnection(request.Attachment, request.Observer, request.ReceiveMaximum));
        session.Bounds = wish.Bounds;
        session.Expiry = wish.Expiry;
        session.Will = wish.Will;
        var opened = new OpenedSession(IsSuperseded: false, isPresent, IsKept: true, [.. session.Subscriptions], [.. session.Received.Values]);
        await services.Store.SaveAsync(_shard, session.ToRecord());
        await LoadAsync(session);
        return session.Order == order ? opened : OpenedSession.Superseded;
    }

    public Task ResumeAsync(SessionName name)
    {
        if (_sessions.TryGetValue(name.Device, out var session) && session.Order == name.Order && session.Connection is { } connection)
        {
            connection.IsResumed = true;
            Push(session);
        }

        return Task.CompletedTask;
    }

    public async Task<LinkedSessions> LinkAsync(LinkSessions request)
    {
        var lost = new bool[request.Sessions.Length];
        for (var i = 0; i < lost.Length; i++)
        {
            var link = request.Sessions[i];
            if (!_sessions.TryGetValue(link.Session.Device, out var session) || session.Order > link.Session.Order)
            {
                lost[i] = true;
            }
            else if (session.Connection?.Attachment != link.Attachment)
            {
                Connect(session, link.Session.Order, new SessionConnection(link.Attachment, link.Observer, link.ReceiveMaximum));
                session.Expiry = link.Expiry;
                await LoadAsync(session);
                await ResumeAsync(link.Session);
            }
        }

        return new LinkedSessions([.. lost]);
    }

    public async Task CloseAsync(CloseSession request)
    {
        if (!_sessions.TryGetValue(request.Session.Device, out var session) || session.Order != request.Session.Order || session.Connection is null)
        {
            return;
        }

        session.Expiry = request.Expiry;
        if (request.DiscardsWill)
        {
            session.Will = null;
        }

        await DisconnectAsync(session);
        await _index.Interests.WhenEffective();
    }

    public async Task<Refusal?> ChangeSubscriptionsAsync(ChangeSubscriptions request)
    {
        if (!_sessions.TryGetValue(request.Session.Device, out var session) || session.Order != request.Session.Order)
        {
            return Refusal.FailedPrecondition("The session has a newer connection, or has ended.");
        }

        foreach (var filter in request.Removed)
        {
            session.Unsubscribe(filter);
            _index.Remove(session, filter);
        }

        foreach (var subscription in request.Added)
        {
            if (!_index.TryAdd(session, subscription))
            {
                return Refusal.ResourceExhausted("Sessions have as many topic filters as they may have.");
            }

            session.Subscribe(subscription);
        }

        await services.Store.SaveAsync(_shard, session.ToRecord());
        await _index.Interests.WhenEffective();
        return null;
    }

    public Task<InterestChanges> PullInterestsAsync(InterestPull pull) => _index.Interests.PullAsync(_epoch, pull);

    public Task<SessionView?> FindAsync(DeviceId device) => Task.FromResult(_sessions.GetValueOrDefault(device)?.ToView());

    public async Task EndAsync(DeviceId device)
    {
        if (_sessions.TryGetValue(device, out var session))
        {
            ForgetWill(session);
            await EndAsync(session, "Deleted");
        }
    }

    private void Restore(SessionRecord record)
    {
        // One that had a connection may still have it: its gateway says so soon.
        var session = Make(record.Device, record.Bounds, firstOrder: 0);
        session.Expiry = record.Expiry;
        session.OfflineSince = record.OfflineSince ?? Now;
        foreach (var subscription in record.Subscriptions)
        {
            session.Subscribe(subscription);
        }

        foreach (var received in record.Received)
        {
            session.Received[received.PacketId] = received;
        }

        _index.Refresh(session);
        (session.Will, session.WillDueAt) = (record.Will, record.WillDueAt);
        AwaitWill(session);
    }

    private StoredSession Make(DeviceId device, SessionBounds bounds, long firstOrder)
    {
        // A sequence is not given twice, whatever has been forgotten: no session takes a message every microsecond.
        var session = new StoredSession(device, bounds) { FirstOrder = firstOrder, OfflineSince = Now, LastSequence = Now.ToUnixTimeMilliseconds() * 1_000 };
        _sessions.Add(device, session);
        services.Instruments.Kept(1);
        return session;
    }

    private void Connect(StoredSession session, long order, SessionConnection connection)
    {
        session.Queue.Unsend(wasTaken: session.Connection is not null);
        session.Order = order;
        session.Connection = connection;
        ForgetWill(session);
        _index.Refresh(session);
    }

    private async Task DisconnectAsync(StoredSession session)
    {
        session.Queue.Unsend(wasTaken: true);
        session.Connection = null;
        session.OfflineSince = Now;
        AwaitWill(session);
        if (session.Expiry <= TimeSpan.Zero)
        {
            await EndAsync(session, "Expired", mayWait: true);
            return;
        }

        session.Queue.Unload();
        _index.Refresh(session);
        await services.Store.SaveAsync(_shard, session.ToRecord());
    }

    /// <param name="session">The session.</param>
    /// <param name="reason">Why.</param>
    /// <param name="mayWait">Whether it may go on for a while because nobody takes what it has of shared subscriptions: not where its client, or a new one, is there.</param>
    private async Task EndAsync(StoredSession session, string reason, bool mayWait = false)
    {
        bool isHandedOver;
        try
        {
            isHandedOver = await (session.HandOver ??= HandOverAsync(session));
        }
        catch
        {
            // The store is away, or the like: it is tried again, as its end is.
            session.HandOver = null;
            throw;
        }

        if (!isHandedOver && mayWait && session.Connection is null && session.EndsAt > Now - HandOverPatience)
        {
            // With the next sweep: nobody waits for its end.
            session.HandOver = null;
            return;
        }

        if (!_sessions.Remove(session.Device, out var removed))
        {
            return;
        }

        if (removed != session)
        {
            // Another one has begun meanwhile.
            _sessions.Add(removed.Device, removed);
            return;
        }

        session.Connection = null;
        PublishWill(session);
        _index.RemoveAll(session);
        services.Instruments.Kept(-1);
        services.Instruments.Ended(reason);
        services.Instruments.Queued(-session.Queue.Count, -session.Queue.Bytes);
        services.Instruments.Dropped("session_ended", session.Queue.Count);

        // What is still being stored for it, and can not be, must not be counted twice.
        session.Queue.Clear();
        await services.Store.DeleteAsync(_shard, session.Device);
    }

    private async Task LoadAsync(StoredSession session)
    {
        while (session.Connection is not null && !session.Queue.IsLoaded)
        {
            var unloads = session.Queue.Unloads;
            var copies = (await services.Store.LoadMessagesAsync(_shard, session.Device)).ToDictionary(static entry => entry.Sequence, static entry => entry.Copy);
            if (session.Connection is null || session.Queue.IsLoaded || session.Queue.Unloads != unloads)
            {
                // Its client has come and gone meanwhile: what was stored since is not in what was read.
                continue;
            }

            var lost = session.Queue.Load(copies);
            services.Instruments.Queued(-lost.Count, -lost.Sum(static message => message.Bytes));
        }
    }

    /// <summary>Ends what is over, and notices connections whose gateways are gone without a word.</summary>
    private async Task SweepAsync()
    {
        var now = Now;
        List<StoredSession>? over = null;
        List<StoredSession>? lost = null;
        var offline = 0;
        foreach (var session in _sessions.Values)
        {
            if (session.Connection is { } connection)
            {
                if (services.Gateways.IsVoid(connection.Attachment))
                {
                    (lost ??= []).Add(session);
                }
            }
            else if (session.EndsAt <= now)
            {
                (over ??= []).Add(session);
            }
            else
            {
                offline++;
            }
        }

        await Task.WhenAll((lost ?? []).Select(session => DespiteOutageAsync(DisconnectAsync(session))));
        await Task.WhenAll((over ?? []).Where(static session => session.Connection is null).Select(session => DespiteOutageAsync(EndAsync(session, "Expired", mayWait: true))));
        var excess = offline - (services.Options.OfflineMax / SessionShards.Count);
        if (excess > 0)
        {
            StoredSession[] longest = [.. _sessions.Values.Where(static s => s.Connection is null).OrderBy(static s => s.OfflineSince).Take(excess)];
            await Task.WhenAll(longest.Select(session => DespiteOutageAsync(EndAsync(session, "TooMany"))));
        }
    }

    // The store says itself that it is away. What it has not been told, a later activation finds there and notices again.
    private static async Task DespiteOutageAsync(Task stored)
    {
        try
        {
            await stored;
        }
        catch (StoreUnavailableException)
        {
            // Nobody waits for it, and the others are to go on.
        }
    }

    private void Push(StoredSession session)
    {
        if (session.Connection is not { } connection)
        {
            return;
        }

        var pusher = _pushers.Find(known => known.Observer.Equals(connection.Observer));
        if (pusher is null)
        {
            pusher = new SessionPusher(connection.Observer, services, Drop);
            _pushers.Add(pusher);
        }

        pusher.Add(session, connection);
    }
}
