using System.Collections.Immutable;
using System.Text;
using IotPlatform.Mqtt.Topics;

namespace IotPlatform.Topics;

/// <summary>
/// The retained messages of one shard in memory, as they are in the store: by topic, by filter and by their end. Plain; its grain's turns take care of
/// threads.
/// </summary>
internal sealed class RetainedTopics
{
    private readonly Dictionary<string, RetainedMessage> _byTopic = new(StringComparer.Ordinal);
    private readonly TopicTree<RetainedMessage> _tree = new();
    private readonly SortedSet<(DateTimeOffset ExpiresAt, string Topic)> _ends =
        new(Comparer<(DateTimeOffset ExpiresAt, string Topic)>.Create(static (a, b) =>
            a.ExpiresAt != b.ExpiresAt ? a.ExpiresAt.CompareTo(b.ExpiresAt) : string.CompareOrdinal(a.Topic, b.Topic)));

    public int Count => _byTopic.Count;

    /// <summary>Bytes of all of them.</summary>
    public long Bytes { get; private set; }

    /// <summary>When the next of them ends by itself; null: none does.</summary>
    public DateTimeOffset? NextEnd => _ends.Count == 0 ? null : _ends.Min.ExpiresAt;

    /// <summary>What a message counts for in the bounds.</summary>
    public static int BytesOf(RetainedMessage message) => Encoding.UTF8.GetByteCount(message.Topic) + message.Payload.Length + message.Properties.Length;

    public static bool IsExpired(RetainedMessage message, DateTimeOffset now) => message.ExpiresAt <= now;

    public RetainedMessage? Find(string topic) => _byTopic.GetValueOrDefault(topic);

    /// <summary>Sets what is retained for a topic; null for nothing.</summary>
    public void Set(string topic, RetainedMessage? message)
    {
        if (_byTopic.TryGetValue(topic, out var earlier))
        {
            Bytes -= BytesOf(earlier);
            if (earlier.ExpiresAt is { } earlierEnd)
            {
                _ends.Remove((earlierEnd, topic));
            }
        }

        if (message is null)
        {
            _byTopic.Remove(topic);
            _tree.Remove(Encoding.UTF8.GetBytes(topic));
            return;
        }

        Bytes += BytesOf(message);
        _byTopic[topic] = message;
        _tree.Set(Encoding.UTF8.GetBytes(topic), message);
        if (message.ExpiresAt is { } end)
        {
            _ends.Add((end, topic));
        }
    }

    /// <summary>Topics whose messages have expired, those that did first, at most <paramref name="limit"/>.</summary>
    public ImmutableArray<string> FindExpired(DateTimeOffset now, int limit)
    {
        var topics = ImmutableArray.CreateBuilder<string>();
        foreach (var (expiresAt, topic) in _ends)
        {
            if (expiresAt > now || topics.Count == limit)
            {
                break;
            }

            topics.Add(topic);
        }

        return topics.ToImmutable();
    }

    /// <summary>A page of what filters match and has not expired.</summary>
    public RetainedPage Match(MatchRetained request, DateTimeOffset now)
    {
        var page = new PageBuilder(now, Math.Min(request.BytesMax, RetainedPage.BytesMax));
        for (var i = 0; i < request.Filters.Length; i++)
        {
            if (!TryMatch(request.Filters[i], i, i == 0 ? request.After : null, ref page))
            {
                return page.ToPage(nextFilter: i);
            }
        }

        return page.ToPage(request.Filters.Length);
    }

    private bool TryMatch(string filter, int index, string? after, ref PageBuilder page)
    {
        page.Begin(index, after);
        var utf8 = Encoding.UTF8.GetBytes(filter);
        if (!TopicFilter.HasWildcard(utf8))
        {
            return after is not null || !_byTopic.TryGetValue(filter, out var message) || page.OnTopic(message);
        }

        return _tree.Match(utf8, after is null ? [] : Encoding.UTF8.GetBytes(after), ref page);
    }

    /// <summary>Takes messages until the page is full.</summary>
    private struct PageBuilder(DateTimeOffset now, int bytesMax) : ITopicVisitor<RetainedMessage>
    {
        private readonly ImmutableArray<RetainedMatch>.Builder _matches = ImmutableArray.CreateBuilder<RetainedMatch>();
        private int _filter;
        private string? _last;
        private long _bytes;

        public void Begin(int filter, string? after) => (_filter, _last) = (filter, after);

        public bool OnTopic(RetainedMessage message)
        {
            if (IsExpired(message, now))
            {
                return true;
            }

            var bytes = BytesOf(message);
            if (_matches.Count > 0 && _bytes + bytes > bytesMax)
            {
                return false;
            }

            _bytes += bytes;
            _last = message.Topic;
            _matches.Add(new RetainedMatch(_filter, message));
            return true;
        }

        public readonly RetainedPage ToPage(int nextFilter) => new(_matches.DrainToImmutable(), nextFilter, _last);
    }
}
