using System.Diagnostics.CodeAnalysis;
using IotPlatform.Delivery;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Routing;

namespace IotPlatform.Sessions;

/// <content>What is retained for its subscriptions.</content>
internal sealed partial class Session
{
    private RetainedFeed? _feed;

    /// <summary>Whether it is being sent retained messages, or waits for room for them.</summary>
    public bool IsFeeding => Volatile.Read(ref _feed) is not null;

    /// <summary>Has what is retained for new subscriptions sent, behind what was asked for before.</summary>
    /// <param name="filters">The subscriptions' filters.</param>
    /// <param name="peer">The connection that they came on.</param>
    /// <param name="lanes">The ways to what is retained.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where a failure is told.</param>
    public void SendRetained(IReadOnlyList<byte[]> filters, SessionPeer peer, RetainedLanes lanes, TimeProvider time, ILogger logger)
    {
        RetainedFeed feed;
        lock (_gate)
        {
            if (_feed is { } running)
            {
                running.Add(filters, peer);
                return;
            }

            feed = new RetainedFeed(this, lanes, time, logger);
            feed.Add(filters, peer);
            Volatile.Write(ref _feed, feed);
        }

        _ = feed.RunAsync();
    }

    /// <summary>A message with RETAIN is about to be sent as it is published: what is retained for its topic by now is the past.</summary>
    public void Supersede(ReadOnlySpan<byte> topic)
    {
        // Whoever begins to feed from here on reads the newer one: it was retained before it came here.
        if (IsFeeding)
        {
            lock (_gate)
            {
                _feed?.Supersede(topic);
            }
        }
    }

    /// <summary>For the feed: what to send next.</summary>
    /// <returns>False when there is nothing; then the feed is over.</returns>
    public bool TryTakeFilters(RetainedFeed feed, [NotNullWhen(true)] out byte[][]? filters, [NotNullWhen(true)] out SessionPeer? peer)
    {
        lock (_gate)
        {
            (filters, peer) = feed.Take();
            if (filters.Length > 0)
            {
                return true;
            }

            Volatile.Write(ref _feed, null);
            return false;
        }
    }

    /// <summary>For the feed: it is over, whatever waits.</summary>
    public void EndFeed(RetainedFeed feed)
    {
        lock (_gate)
        {
            Volatile.Write(ref _feed, null);
        }
    }

    /// <summary>For the feed: what is published from here on supersedes what it reads.</summary>
    public void BeginPage(RetainedFeed feed)
    {
        lock (_gate)
        {
            feed.BeginPage();
        }
    }

    /// <summary>For the feed: sends a retained message, with RETAIN [MQTT-3.3.1-8], if there is room for it.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="peer">The connection that subscribed.</param>
    /// <param name="message">The message.</param>
    /// <param name="filter">The subscription that it is for.</param>
    /// <param name="room">When it is <see cref="FeedOutcome.Full"/>, completes once there may be room.</param>
    public FeedOutcome SendRetained(RetainedFeed feed, SessionPeer peer, StoredMessage message, byte[] filter, out Task room)
    {
        room = Task.CompletedTask;
        lock (_gate)
        {
            if (IsEnded)
            {
                return FeedOutcome.Ended;
            }

            // [MQTT-3.10.4-2] Unsubscribed meanwhile, or expired [MQTT-3.3.2-5].
            if (_subscriptions.Find(filter) is not { } options || message.IsExpired)
            {
                return FeedOutcome.Done;
            }

            if (feed.IsSuperseded(message.Message.Topic) is not false and var isSuperseded)
            {
                return isSuperseded is null ? FeedOutcome.Stale : FeedOutcome.Done;
            }

            var flags = new PublishFlags(Lower(message.QoS, options.QoS), Retain: true);
            if (_peer != peer)
            {
                return SendToSessionLocked(message, flags);
            }

            if (!HasRoomLocked(peer, flags.QoS))
            {
                room = feed.WhenRoom();
                return FeedOutcome.Full;
            }

            if (flags.QoS == QoS.AtMostOnce)
            {
                SendAtMostOnceLocked(message, flags.Retain);
            }
            else
            {
                SendInFlightLocked(peer, message, flags, deviceMessageId: null);
            }

            return FeedOutcome.Done;
        }
    }

    // The connection that subscribed is gone: what must not be lost waits for the next one, as far as there is room.
    private FeedOutcome SendToSessionLocked(StoredMessage message, PublishFlags flags) =>
        flags.QoS == QoS.AtMostOnce || TryPublishLocked(message, flags) ? FeedOutcome.Done : FeedOutcome.Ended;

    // What is retained can wait; what is published can not. So it leaves the connection's buffer and the session's queue to that.
    private bool HasRoomLocked(SessionPeer peer, QoS qos) =>
        !peer.Connection.IsBacklogged && (qos == QoS.AtMostOnce || (_queue.IsEmpty && _inFlight.Count < peer.ReceiveMaximum));
}
