using System.Collections.Concurrent;
using IotPlatform.Delivery;
using IotPlatform.Devices;
using IotPlatform.Diagnostics;
using IotPlatform.Hosting;
using IotPlatform.Mqtt;
using IotPlatform.Routing;
using IotPlatform.Sessions.Kept;
using Microsoft.Extensions.Options;

namespace IotPlatform.Sessions;

/// <summary>
/// The sessions of this gateway's connections, by device: one device has one session, whatever client id it shows. A session is here as long as its connection, and
/// until whoever keeps it for the next one knows that it is gone.
/// </summary>
internal sealed partial class SessionRegistry(
    Router router, IOptions<GatewayOptions> options, GatewayInstruments instruments, TimeProvider time, ILogger<SessionRegistry> logger)
{
    /// <summary>Shared by all devices: logins of two at the same moment rarely meet in one.</summary>
    private const int ClaimLocks = 64;

    private static readonly TimeSpan CloseRetryMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CloseRetryMax = TimeSpan.FromSeconds(8);

    private readonly ConcurrentDictionary<DeviceId, Session> _sessions = new();
    private readonly SessionLimits _limits = options.Value.Session;

    // Who has a session is decided under its device's lock, which other devices share; the lock of the session itself is taken within it.
    private readonly Lock[] _claims = [.. Enumerable.Range(0, ClaimLocks).Select(static _ => new Lock())];

    public int Count => _sessions.Count;

    /// <summary>The session for a new connection. An older connection of the device is closed.</summary>
    /// <param name="device">The device.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="order">Its place among the device's: another gateway may have had the device in between, so that this gateway's own numbers do not tell.</param>
    /// <param name="expiry">How long the session is to outlive it.</param>
    /// <param name="kept">The session as it is kept; null where it ends with the connection.</param>
    /// <param name="replaced">The session of an older connection, to be ended when the new one is in effect; null for none.</param>
    /// <returns>Null when the newer connection came first.</returns>
    public Session? Open(DeviceId device, MqttConnection connection, long order, TimeSpan expiry, KeptSession? kept, out Session? replaced)
    {
        var session = new Session(device, _limits, instruments, kept) { Order = order, Expiry = expiry, Claim = connection };

        // One at a time for a device: what closes the older connection must see the one before it.
        while (!_sessions.TryAdd(device, session))
        {
            if (!_sessions.TryGetValue(device, out var known))
            {
                continue;
            }

            lock (ClaimOf(device))
            {
                if (known.Claim is not null && known.Order > order)
                {
                    replaced = null;
                    return null;
                }

                if (_sessions.TryUpdate(device, session, known))
                {
                    known.Claim?.Disconnect(ReasonCode.SessionTakenOver);
                    known.TakenOver();
                    known.Claim = null;
                    replaced = known;
                    return session;
                }
            }
        }

        replaced = null;
        return session;
    }

    /// <summary>A session that has been replaced, or has lost its connection, is subscribed to nothing any more.</summary>
    public void End(Session session)
    {
        _sessions.TryRemove(new(session.Device, session));
        session.IsEnded = true;
        foreach (var filter in session.Filters())
        {
            router.Unsubscribe(session, filter);
        }

        // What is kept has them, and their clients come back.
        foreach (var (message, copy) in session.Kept is null ? session.TakeShared() : [])
        {
            if (message is RoutedMessage routed)
            {
                instruments.Redistributed();
                router.Redistribute(routed, copy.Share!);
            }
        }

        session.EndWaiting();
    }

    /// <summary>A connection is gone: its session ends, here or where it is kept.</summary>
    public void Release(Session session, MqttConnection connection)
    {
        lock (ClaimOf(session.Device))
        {
            if (session.Claim != connection)
            {
                return;
            }

            session.Claim = null;
        }

        if (session.Kept is { } kept)
        {
            _ = CloseAsync(session, kept);
        }
        else
        {
            End(session);
        }
    }

    /// <summary>
    /// Ends the sessions that clients of other gateways may have published to while this one was taken for gone: they were not sent it, and what a client has missed
    /// it is to know. It connects again, and finds no session. Those that are kept have missed nothing that was not at QoS 0.
    /// </summary>
    public void EndWhatOthersPublishTo()
    {
        foreach (var (_, session) in _sessions)
        {
            if (session.Kept is null && session.Filters().Any(filter => router.MayConcernOthers(session, filter)))
            {
                EndWithConnection(session);
            }
        }
    }

    private void EndWithConnection(Session session)
    {
        MqttConnection? connection;
        lock (ClaimOf(session.Device))
        {
            connection = session.Claim;
            session.Claim = null;
        }

        End(session);
        connection?.Disconnect(ReasonCode.ServerBusy);
    }

    private Lock ClaimOf(DeviceId device) => _claims[(uint)device.GetHashCode() % ClaimLocks];

    // Where nobody is told, the gateway's end will be noticed, and until then its messages wait.
    private async Task CloseAsync(Session session, KeptSession kept)
    {
        for (var wait = CloseRetryMin; wait <= CloseRetryMax; wait *= 2)
        {
            try
            {
                await kept.CloseAsync(session.Expiry, session.DiscardsWill).ConfigureAwait(false);
                break;
            }
            catch (Exception exception)
            {
                LogCloseFailed(logger, exception, session.Device);
            }

            await Task.Delay(wait, time).ConfigureAwait(false);
        }

        if (session.LastPublish is { IsCompleted: false } last)
        {
            // A new connection finds it here, and waits behind it.
            await last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        End(session);
    }

    [LoggerMessage(4110, LogLevel.Information, "{Device}: the end of its connection could not be told to its session; it is tried again")]
    private static partial void LogCloseFailed(ILogger logger, Exception exception, DeviceId device);
}
