using System.Collections.Concurrent;
using IotPlatform.Devices;
using IotPlatform.Diagnostics;
using IotPlatform.Hosting;
using IotPlatform.Mqtt;
using IotPlatform.Routing;
using Microsoft.Extensions.Options;

namespace IotPlatform.Sessions;

/// <summary>The sessions of this gateway, by device: one device has one session, whatever client id it shows.</summary>
internal sealed class SessionRegistry(Router router, IOptions<GatewayOptions> options, GatewayInstruments instruments, TimeProvider time)
{
    private readonly ConcurrentDictionary<DeviceId, Session> _sessions = new();
    private readonly SessionLimits _limits = options.Value.Session;
    private int _offlineCount;

    public int Count => _sessions.Count;

    /// <summary>
    /// The session for a new connection: the device's own, unless it wants a clean start. An older connection of the device is closed. Null when the
    /// newer connection came first.
    /// </summary>
    public (Session Session, bool IsPresent)? Open(DeviceId device, MqttConnection connection, bool isCleanStart, TimeSpan expiry)
    {
        // One at a time for a device: what closes the older connection must see the one before it.
        while (true)
        {
            var known = _sessions.GetValueOrDefault(device);
            if (known is null)
            {
                var session = new Session(device, _limits, instruments) { Expiry = expiry, Claim = connection };
                if (_sessions.TryAdd(device, session))
                {
                    return (session, false);
                }

                continue;
            }

            lock (known)
            {
                if (_sessions.GetValueOrDefault(device) != known)
                {
                    continue;
                }

                if (known.Claim is { } older)
                {
                    if (older.ConnectionId > connection.ConnectionId)
                    {
                        return null;
                    }

                    older.Disconnect(ReasonCode.SessionTakenOver);
                }
                else
                {
                    Interlocked.Decrement(ref _offlineCount);
                }

                // [MQTT-3.1.2-6] What was to end with its connection is not resumed, even when a takeover ends that.
                if (!isCleanStart && known.Expiry > TimeSpan.Zero)
                {
                    known.Claim = connection;
                    known.Expiry = expiry;
                    return (known, true);
                }

                // The older connection's end must find that this session is no longer its own.
                known.Claim = null;
                End(known);
            }
        }
    }

    /// <summary>A connection is gone: its session waits for the next one, or ends.</summary>
    public void Release(Session session, MqttConnection connection)
    {
        lock (session)
        {
            if (session.Claim != connection)
            {
                return;
            }

            session.Claim = null;
            session.OfflineSince = time.GetUtcNow();
            if (session.Expiry <= TimeSpan.Zero)
            {
                End(session);
                return;
            }
        }

        Interlocked.Increment(ref _offlineCount);
    }

    /// <summary>Ends the sessions that have been away for longer than they may, and the longest away of too many.</summary>
    public void Sweep()
    {
        var now = time.GetUtcNow();
        var excess = Volatile.Read(ref _offlineCount) - _limits.OfflineMax;
        if (excess > 0)
        {
            foreach (var session in _sessions.Values.Where(static s => s.Claim is null).OrderBy(static s => s.OfflineSince).Take(excess))
            {
                EndIfOffline(session, static _ => true);
            }
        }

        foreach (var (_, session) in _sessions)
        {
            if (session.Claim is null && now - session.OfflineSince >= session.Expiry)
            {
                EndIfOffline(session, s => now - s.OfflineSince >= s.Expiry);
            }
        }
    }

    /// <summary>
    /// Ends the sessions that clients of other gateways may have published to while this one was taken for gone: they were not sent it, and what a client has missed
    /// it is to know. It connects again, and finds no session.
    /// </summary>
    public void EndWhatOthersPublishTo()
    {
        foreach (var (_, session) in _sessions)
        {
            if (session.Filters().Any(filter => router.MayConcernOthers(filter)))
            {
                EndWithConnection(session);
            }
        }
    }

    private void EndWithConnection(Session session)
    {
        lock (session)
        {
            if (!End(session))
            {
                return;
            }

            if (session.Claim is not { } connection)
            {
                Interlocked.Decrement(ref _offlineCount);
                return;
            }

            session.Claim = null;
            connection.Disconnect(ReasonCode.ServerBusy);
        }
    }

    private void EndIfOffline(Session session, Predicate<Session> condition)
    {
        lock (session)
        {
            if (session.Claim is null && condition(session) && End(session))
            {
                Interlocked.Decrement(ref _offlineCount);
            }
        }
    }

    private bool End(Session session)
    {
        if (!_sessions.TryRemove(new(session.Device, session)))
        {
            return false;
        }

        session.IsEnded = true;
        foreach (var filter in session.Filters())
        {
            router.Unsubscribe(session, filter);
        }

        return true;
    }
}
