using System.Diagnostics.CodeAnalysis;
using IotPlatform.Delivery;
using IotPlatform.Mqtt;
using IotPlatform.Routing;
using IotPlatform.Sessions.Kept;

namespace IotPlatform.Sessions;

/// <content>What is retained for its subscriptions.</content>
internal sealed partial class Session
{
    private RetainedFeed? _feed;
    private int _appending;
    private bool _isFeedOver;

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
        lock (this)
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
            lock (this)
            {
                _feed?.Supersede(topic);
            }
        }
    }

    /// <summary>For the feed: what to send next.</summary>
    /// <returns>False when there is nothing; then the feed is over.</returns>
    public bool TryTakeFilters(RetainedFeed feed, [NotNullWhen(true)] out byte[][]? filters, [NotNullWhen(true)] out SessionPeer? peer)
    {
        lock (this)
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
        lock (this)
        {
            Volatile.Write(ref _feed, null);
        }
    }

    /// <summary>For the feed: what is published from here on supersedes what it reads.</summary>
    public void BeginPage(RetainedFeed feed)
    {
        lock (this)
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
        lock (this)
        {
            if (IsEnded && kept is null)
            {
                return FeedOutcome.Ended;
            }

            // [MQTT-3.10.4-2] Unsubscribed meanwhile, or expired [MQTT-3.3.2-5].
            if (_subscriptions.Find(filter) is not { } terms || message.IsExpired)
            {
                return FeedOutcome.Done;
            }

            if (feed.IsSuperseded(message.Message.Topic) is not false and var isSuperseded)
            {
                return isSuperseded is null ? FeedOutcome.Stale : FeedOutcome.Done;
            }

            var copy = new MessageCopy(Lower(message.QoS, terms.Options.QoS), Retain: true, terms.Identifier);
            if (copy.QoS > QoS.AtMostOnce && kept is not null)
            {
                return SendRetainedLocked(feed, peer, message, copy, kept, out room);
            }

            if (_peer != peer)
            {
                // The connection that subscribed is gone, and with it the session, or what it was at QoS 0.
                return FeedOutcome.Ended;
            }

            if (!HasRoomLocked(peer, copy.QoS))
            {
                room = feed.WhenRoom();
                return FeedOutcome.Full;
            }

            if (copy.QoS == QoS.AtMostOnce)
            {
                SendAtMostOnceLocked(message, copy);
            }
            else
            {
                SendInFlightLocked(peer, message, copy, isDuplicate: false, deviceMessageId: null);
            }

            return FeedOutcome.Done;
        }
    }

    private FeedOutcome SendRetainedLocked(RetainedFeed feed, SessionPeer peer, StoredMessage message, in MessageCopy copy, KeptSession kept, out Task room)
    {
        room = Task.CompletedTask;
        if (_isFeedOver)
        {
            return FeedOutcome.Ended;
        }

        // Where its connection is gone, the next one gets what there is room for.
        if (_peer == peer && !(HasRoomLocked(peer, copy.QoS) && _inFlight.Count + _appending < peer.ReceiveMaximum))
        {
            room = feed.WhenRoom();
            return FeedOutcome.Full;
        }

        _appending++;
        _ = AppendRetainedAsync(peer, message, copy, kept);
        return FeedOutcome.Done;
    }

    private async Task AppendRetainedAsync(SessionPeer peer, StoredMessage message, MessageCopy copy, KeptSession kept)
    {
        var outcome = await kept.AppendAsync(message, copy).ConfigureAwait(false);
        lock (this)
        {
            _appending--;
            _isFeedOver |= _peer != peer && outcome != SessionPublishOutcome.Done;
            _feed?.Signal();
        }
    }

    // What is retained can wait; what is published can not. So it leaves the connection's buffer and the session's queue to that.
    private bool HasRoomLocked(SessionPeer peer, QoS qos) =>
        !peer.Connection.IsBacklogged && (qos == QoS.AtMostOnce || (_queue.IsEmpty && _inFlight.Count < peer.ReceiveMaximum));
}
