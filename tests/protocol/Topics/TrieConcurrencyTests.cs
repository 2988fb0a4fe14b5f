using IotPlatform.Mqtt.Topics;

namespace IotPlatform.Mqtt.Tests.Topics;

public sealed class TrieConcurrencyTests
{
    private const int Matchers = 3;
    private const int Changes = 400_000;

    private readonly SubscriptionTrie<string, int> _trie = new();

    /// <summary>
    /// While filters and subscribers come and go around them, subscriptions that stay are seen by every match exactly once: tables grow, shrink and
    /// are left behind under the readers' feet, and branches are pruned and grown again.
    /// </summary>
    [Fact]
    public async Task Match_WhileOthersComeAndGo_SeesWhatStaysExactlyOnce()
    {
        _trie.Add("a/b/c", "stays", 1);
        _trie.Add("a/+/c", "stays", 2);
        _trie.Add("a/#", "stays", 4);
        _trie.Add("+/b/#", "stays", 8);
        _trie.Add("$share/g/a/b/c", "stays", 16);
        using var done = new CancellationTokenSource();
        var matchers = Enumerable.Range(0, Matchers).Select(_ => Task.Run(() => MatchUntil(done.Token))).ToArray();
        var writers = new[] { Task.Run(() => Change(seed: 1)), Task.Run(() => Change(seed: 2)) };
        try
        {
            await Task.WhenAll(writers);
        }
        finally
        {
            await done.CancelAsync();
        }

        Assert.All(await Task.WhenAll(matchers), matches => Assert.True(matches > 0));
        Assert.Equal((5, 5), (_trie.FilterCount, _trie.SubscriptionCount));
        Assert.Equal(["g>stays", "stays:1", "stays:2", "stays:4", "stays:8"], CollectingVisitor.Match(_trie, "a/b/c"));
    }

    private int MatchUntil(CancellationToken stop)
    {
        var matches = 0;
        do
        {
            var visitor = new StaysVisitor();
            _trie.Match("a/b/c"u8, ref visitor);
            Assert.Equal((4, 1 | 2 | 4 | 8 | 16), (visitor.Subscriptions, visitor.Values));
            matches++;
        }
        while (!stop.IsCancellationRequested);

        return matches;
    }

    // Each writer has subscribers of its own, adds and removes at random, and at the end takes away what it has left.
    private void Change(int seed)
    {
        var random = new Random(seed);
        var own = new HashSet<(string Filter, string Subscriber)>();
        string[] filters = ["a/b/c", "a/+/c", "a/#", "+/b/#", "#", "a/b", "a/x/c", "b/c/d", "$share/g/a/b/c", "$share/h/a/#"];
        for (var i = 0; i < Changes; i++)
        {
            // Half of the changes make and prune siblings of the node that stays, the other half its subscribers.
            var isSibling = random.Next(2) == 0;
            var filter = isSibling ? $"a/b/{seed}{random.Next(100)}" : filters[random.Next(filters.Length)];
            var subscriber = isSibling ? "sibling" : $"{seed}-{random.Next(40)}";
            if (random.Next(2) == 0)
            {
                _trie.Add(filter, subscriber, 0);
                own.Add((filter, subscriber));
            }
            else
            {
                Assert.Equal(own.Remove((filter, subscriber)), _trie.Remove(filter, subscriber) != RemoveOutcome.NotFound);
            }
        }

        foreach (var (filter, subscriber) in own)
        {
            Assert.NotEqual(RemoveOutcome.NotFound, _trie.Remove(filter, subscriber));
        }
    }

    private struct StaysVisitor : ITrieVisitor<string, int>
    {
        public int Subscriptions { get; private set; }

        public int Values { get; private set; }

        public void OnSubscription(Subscription<string, int> subscription)
        {
            if (subscription.Subscriber == "stays")
            {
                Subscriptions++;
                Values |= subscription.Value;
            }
        }

        public void OnShareGroup(ShareGroup<string, int> group)
        {
            foreach (var member in group.Members)
            {
                Values |= member.Value;
            }
        }
    }
}
