using System.Text;
using IotPlatform.Mqtt.Topics;

namespace IotPlatform.Mqtt.Tests.Topics;

public sealed class SubscriptionTrieTests
{
    private readonly SubscriptionTrie<string, int> _trie = new();

    [Fact]
    public void Match_WhenASubscriberHasOverlappingFilters_ShowsEachOfThem()
    {
        _trie.Add("a/#", "s", 1);
        _trie.Add("a/+", "s", 2);
        _trie.Add("a/b", "s", 3);
        _trie.Add("#", "s", 4);
        _trie.Add("b/#", "s", 5);
        Assert.Equal(["s:1", "s:2", "s:3", "s:4"], CollectingVisitor.Match(_trie, "a/b"));
    }

    [Fact]
    public void Match_OfAReservedTopic_PassesOverLeadingWildcards()
    {
        _trie.Add("#", "s", 1);
        _trie.Add("+/monitor", "s", 2);
        _trie.Add("$SYS/#", "s", 3);
        _trie.Add("$SYS/+", "s", 4);
        _trie.Add("$share/g/#", "s", 5);
        Assert.Equal(["s:3", "s:4"], CollectingVisitor.Match(_trie, "$SYS/monitor"));
        Assert.Equal(["s:3"], CollectingVisitor.Match(_trie, "$SYS"));
    }

    [Fact]
    public void Add_OfTheSameFilterAgain_ReplacesTheValue()
    {
        Assert.Equal(AddOutcome.AddedFirst, _trie.Add("a", "s", 1));
        Assert.Equal(AddOutcome.Added, _trie.Add("a", "t", 2));
        Assert.Equal(AddOutcome.Replaced, _trie.Add("a", "s", 3));
        Assert.Equal(["s:3", "t:2"], CollectingVisitor.Match(_trie, "a"));
        Assert.Equal((1, 2), (_trie.FilterCount, _trie.SubscriptionCount));
    }

    [Fact]
    public void Add_OfTheOnlySubscriptionAgain_ReplacesTheValue()
    {
        _trie.Add("a", "s", 1);
        Assert.Equal(AddOutcome.Replaced, _trie.Add("a", "s", 2));
        Assert.Equal(["s:2"], CollectingVisitor.Match(_trie, "a"));
    }

    [Fact]
    public void Remove_SaysWhatIsLeftOfTheFilter()
    {
        _trie.Add("a/b", "s", 1);
        _trie.Add("a/b", "t", 2);
        Assert.Equal(RemoveOutcome.NotFound, _trie.Remove("a/b", "u"));
        Assert.Equal(RemoveOutcome.NotFound, _trie.Remove("a", "s"));
        Assert.Equal(RemoveOutcome.NotFound, _trie.Remove("a/b/c", "s"));
        Assert.Equal(RemoveOutcome.Removed, _trie.Remove("a/b", "s"));
        Assert.Equal(RemoveOutcome.NotFound, _trie.Remove("a/b", "s"));
        Assert.Equal(RemoveOutcome.RemovedLast, _trie.Remove("a/b", "t"));
        Assert.Equal((0, 0), (_trie.FilterCount, _trie.SubscriptionCount));
        Assert.Empty(CollectingVisitor.Match(_trie, "a/b"));
    }

    [Fact]
    public void Remove_OfALevelAbove_KeepsWhatIsBelow()
    {
        _trie.Add("a", "s", 1);
        _trie.Add("a/b/c", "s", 2);
        _trie.Remove("a", "s");
        Assert.Equal(["s:2"], CollectingVisitor.Match(_trie, "a/b/c"));
        _trie.Add("a", "s", 3);
        _trie.Remove("a/b/c", "s");
        Assert.Equal(["s:3"], CollectingVisitor.Match(_trie, "a"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/#/b")]
    [InlineData("$share/g/a#")]
    [InlineData("1/2/3/4/5")]
    [InlineData("$share/g/1/2/3/4/5")]
    public void Add_OfAnInvalidOrTooDeepFilter_Throws(string filter)
    {
        var trie = new SubscriptionTrie<string, int>(levelsMax: 4);
        Assert.False(trie.Accepts(Encoding.UTF8.GetBytes(filter)));
        Assert.Throws<ArgumentException>(() => trie.Add(filter, "s", 1));
        Assert.Equal(0, trie.FilterCount);
    }

    [Theory]
    [InlineData("1/2/3/4")]
    [InlineData("$share/g/1/2/3/4")]
    public void Add_OfAFilterAsDeepAsAllowed_IsAccepted(string filter)
    {
        var trie = new SubscriptionTrie<string, int>(levelsMax: 4);
        Assert.True(trie.Accepts(Encoding.UTF8.GetBytes(filter)));
        Assert.Equal(AddOutcome.AddedFirst, trie.Add(filter, "s", 1));
    }

    [Fact]
    public void Match_OfATopicDeeperThanAnyFilter_EndsWithTheFilters()
    {
        _trie.Add("+/+/#", "s", 1);
        Assert.Equal(["s:1"], CollectingVisitor.Match(_trie, new string('/', 65_535)));
    }

    [Fact]
    public void ShareGroup_WhenMatched_IsShownOnceAndTakesTurns()
    {
        _trie.Add("$share/g/a/+", "s", 1);
        _trie.Add("$share/g/a/+", "t", 2);
        _trie.Add("$share/h/a/b", "u", 3);
        var picked = Enumerable.Range(0, 10).SelectMany(_ => CollectingVisitor.Match(_trie, "a/b")).CountBy(name => name);
        Assert.Equal([new("g>s", 5), new("g>t", 5), new("h>u", 10)], picked.OrderBy(pair => pair.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void ShareGroups_OfOneFilter_AreCountedApart()
    {
        Assert.Equal(AddOutcome.AddedFirst, _trie.Add("$share/g/a", "s", 1));
        Assert.Equal(AddOutcome.AddedFirst, _trie.Add("$share/h/a", "s", 1));
        Assert.Equal(AddOutcome.AddedFirst, _trie.Add("a", "s", 1));
        Assert.Equal(AddOutcome.Added, _trie.Add("$share/g/a", "t", 1));
        Assert.Equal(AddOutcome.Replaced, _trie.Add("$share/g/a", "t", 2));
        Assert.Equal((3, 4), (_trie.FilterCount, _trie.SubscriptionCount));
        Assert.Equal(RemoveOutcome.NotFound, _trie.Remove("$share/h/a", "t"));
        Assert.Equal(RemoveOutcome.RemovedLast, _trie.Remove("$share/h/a", "s"));
        Assert.Equal(RemoveOutcome.Removed, _trie.Remove("$share/g/a", "s"));
        Assert.Equal(["g>t", "s:1"], CollectingVisitor.Match(_trie, "a"));
        Assert.Equal(RemoveOutcome.RemovedLast, _trie.Remove("$share/g/a", "t"));
        Assert.Equal(["s:1"], CollectingVisitor.Match(_trie, "a"));
    }

    [Fact]
    public void Trie_WithManySubscribersOfOneFilter_KeepsAddingAndRemovingFast()
    {
        for (var i = 0; i < 100_000; i++)
        {
            _trie.Add("all/#"u8, $"s{i}", i);
        }

        Assert.Equal(100_000, CollectingVisitor.Match(_trie, "all").Distinct().Count());
        for (var i = 0; i < 99_999; i++)
        {
            Assert.Equal(RemoveOutcome.Removed, _trie.Remove("all/#"u8, $"s{i}"));
        }

        Assert.Equal(["s99999:99999"], CollectingVisitor.Match(_trie, "all/x"));
    }
}
