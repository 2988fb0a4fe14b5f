using System.Text;
using IotPlatform.Delivery;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Routing;
using IotPlatform.Topics;

namespace IotPlatform.Sessions;

/// <summary>
/// Sends a session what is retained for its new subscriptions: page by page, as fast as its client takes it, and only while nothing else waits for the client,
/// so that it crowds nothing out. Exists while there is something to send. A message that has been overtaken by a newer one of its topic, which the session
/// was sent as it was published, is left out: what comes last must be what is true last.
/// </summary>
/// <remarks>
/// That holds because a message is retained before it is routed: one that was routed before a page was asked for is on that page, and one that is routed
/// later is noted here (<see cref="Supersede"/>). Filters that wait, and what is noted, are guarded by the session's lock.
/// </remarks>
internal sealed partial class RetainedFeed(Session session, RetainedLanes lanes, TimeProvider time, ILogger logger)
{
    /// <summary>Bytes of a page: what a feed holds for a slow client. A shard answers with more only when a single message is larger.</summary>
    public const int PageBytesMax = 128 * 1024;

    /// <summary>Topics noted; past that, the rest of the page is read again.</summary>
    public const int SupersededMax = 4_096;

    private const int AttemptsMax = 4;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    // A client that acknowledges is noticed at once, one that only reads by looking again.
    private static readonly TimeSpan LookAgainMin = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LookAgainMax = TimeSpan.FromSeconds(1);

    private readonly List<byte[]> _waiting = [];
    private HashSet<string>? _superseded;
    private SessionPeer? _peer;
    private TaskCompletionSource? _room;

    /// <summary>Whether what is retained for a topic has been overtaken since the page was asked for. Null: that is not known any more.</summary>
    public bool? IsSuperseded(string topic) =>
        _superseded is null ? false : _superseded.Count < SupersededMax ? _superseded.Contains(topic) : null;

    /// <summary>Adds filters behind those that wait. One that waits already is sent once: it waits for what is retained then.</summary>
    public void Add(IReadOnlyList<byte[]> filters, SessionPeer peer)
    {
        _peer = peer;
        foreach (var filter in filters)
        {
            Remove(filter);
            _waiting.Add(filter);
        }
    }

    /// <summary>A filter is not wanted any more.</summary>
    public void Remove(byte[] filter) => _waiting.RemoveAll(waiting => waiting.AsSpan().SequenceEqual(filter));

    /// <summary>The filters that wait and the connection that they came on; none when there are none.</summary>
    public (byte[][] Filters, SessionPeer Peer) Take()
    {
        byte[][] filters = [.. _waiting];
        _waiting.Clear();
        return (filters, _peer!);
    }

    /// <summary>A page is about to be asked for: what was published before is on it.</summary>
    public void BeginPage() => _superseded = null;

    /// <summary>The session is being sent a newer message of a topic, or learns that there is none any more.</summary>
    public void Supersede(ReadOnlySpan<byte> topic)
    {
        _superseded ??= new HashSet<string>(StringComparer.Ordinal);
        if (_superseded.Count < SupersededMax)
        {
            _superseded.Add(Encoding.UTF8.GetString(topic));
        }
    }

    /// <summary>There may be room for more.</summary>
    public void Signal()
    {
        _room?.TrySetResult();
        _room = null;
    }

    /// <summary>Completes once there may be room for more.</summary>
    public Task WhenRoom() => (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Sends until nothing waits.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (session.TryTakeFilters(this, out var filters, out var peer))
            {
                await SendAsync(filters, peer).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            LogFailed(logger, exception, session.Device.ToString());
            session.EndFeed(this);
        }
    }

    private async Task SendAsync(byte[][] filters, SessionPeer peer)
    {
        // What a filter without wildcards matches is in one shard, all else may be in any.
        byte[][] everywhere = [.. filters.Where(static filter => TopicFilter.HasWildcard(filter))];
        for (var shard = 0; shard < RetainedShards.Count; shard++)
        {
            byte[][] here = everywhere.Length == filters.Length
                ? everywhere
                : [.. filters.Where(filter => TopicFilter.HasWildcard(filter) || RetainedShards.Of(filter) == shard)];
            if (here.Length > 0 && !await SendAsync(shard, here, peer).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    /// <returns>False when nothing more is to be sent.</returns>
    private async Task<bool> SendAsync(int shard, byte[][] filters, SessionPeer peer)
    {
        var request = new MatchRetained([.. filters.Select(Encoding.UTF8.GetString)], After: null, PageBytesMax);
        while (true)
        {
            var page = await ReadAsync(shard, request).ConfigureAwait(false);
            var (outcome, next) = await SendAsync(page, request, filters.AsMemory(filters.Length - request.Filters.Length), peer).ConfigureAwait(false);
            if (outcome == FeedOutcome.Ended || next is null)
            {
                return outcome != FeedOutcome.Ended;
            }

            // Others get the thread between two pages.
            request = next;
            await Task.Yield();
        }
    }

    private async Task<RetainedPage> ReadAsync(int shard, MatchRetained request)
    {
        for (var attempt = 1; ; attempt++)
        {
            session.BeginPage(this);
            try
            {
                return await lanes[shard].MatchAsync(request).ConfigureAwait(false);
            }
            catch (Exception exception) when (attempt < AttemptsMax)
            {
                LogRepeated(logger, exception, session.Device.ToString());
                await Task.Delay(RetryInterval, time).ConfigureAwait(false);
            }
        }
    }

    /// <returns>How it ended, and what to ask for next.</returns>
    private async Task<(FeedOutcome Outcome, MatchRetained? Next)> SendAsync(
        RetainedPage page, MatchRetained request, ReadOnlyMemory<byte[]> filters, SessionPeer peer)
    {
        StoredMessage? message = null;
        var next = request;
        foreach (var match in page.Matches)
        {
            message = ReferenceEquals(message?.Message, match.Message) ? message! : new StoredMessage(match.Message, time);
            var outcome = await SendAsync(message, filters.Span[match.Filter], peer).ConfigureAwait(false);
            if (outcome != FeedOutcome.Done)
            {
                return (outcome, next);
            }

            next = request.Behind(match);
        }

        return (FeedOutcome.Done, request.Next(page));
    }

    private async ValueTask<FeedOutcome> SendAsync(StoredMessage message, byte[] filter, SessionPeer peer)
    {
        for (var wait = LookAgainMin; ; wait = wait < LookAgainMax ? 2 * wait : wait)
        {
            var outcome = session.SendRetained(this, peer, message, filter, out var room);
            if (outcome != FeedOutcome.Full)
            {
                return outcome;
            }

            await room.WaitAsync(wait, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(4107, LogLevel.Information, "{Device}: retained messages could not be read; it is tried again")]
    private static partial void LogRepeated(ILogger logger, Exception exception, string device);

    [LoggerMessage(4108, LogLevel.Warning, "{Device}: retained messages could not be sent for its subscriptions")]
    private static partial void LogFailed(ILogger logger, Exception exception, string device);
}
