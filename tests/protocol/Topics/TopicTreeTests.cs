using System.Text;
using IotPlatform.Mqtt.Topics;

namespace IotPlatform.Mqtt.Tests.Topics;

public sealed class TopicTreeTests
{
    private readonly TopicTree<string> _tree = new();

    [Theory]
    [InlineData("#", "/, a, a/, a/b, a/b/c, b")]
    [InlineData("+", "a, b")]
    [InlineData("+/+", "/, a/, a/b")]
    [InlineData("a/#", "a, a/, a/b, a/b/c")]
    [InlineData("a/+", "a/, a/b")]
    [InlineData("a/+/c", "a/b/c")]
    [InlineData("+/b/#", "a/b, a/b/c")]
    [InlineData("a/b", "a/b")]
    [InlineData("a/b/c/#", "a/b/c")]
    [InlineData("a/b/+/+", "")]
    [InlineData("c", "")]
    [InlineData("$SYS/#", "$SYS, $SYS/load")]
    [InlineData("$SYS/+", "$SYS/load")]
    public void TopicTree_AskedForAFilter_GivesWhatItMatchesInOrder(string filter, string expected)
    {
        Add("b", "a/b/c", "/", "a", "$SYS/load", "a/b", "a/", "$SYS");
        Assert.Equal(expected, string.Join(", ", Match(filter)));
    }

    [Theory]
    [InlineData("#", "", "a, a/b, a/c/d, a/e, b")]
    [InlineData("#", "a", "a/b, a/c/d, a/e, b")]
    [InlineData("#", "a/b", "a/c/d, a/e, b")]
    [InlineData("#", "a/c", "a/c/d, a/e, b")]
    [InlineData("#", "a/b/z", "a/c/d, a/e, b")]
    [InlineData("#", "a/d/x/y", "a/e, b")]
    [InlineData("#", "b", "")]
    [InlineData("+/+", "a/b", "a/e")]
    [InlineData("+/e", "a/b", "a/e")]
    [InlineData("+/b", "a/b", "")]
    [InlineData("a", "a", "")]
    [InlineData("a", "Z", "a")]
    [InlineData("a/#", "b", "")]
    [InlineData("b/#", "a/e", "b")]
    public void TopicTree_TakenUpBehindATopic_GivesWhatFollowsIt(string filter, string after, string expected)
    {
        Add("a", "a/b", "a/c/d", "a/e", "b");
        Assert.Equal(expected, string.Join(", ", Match(filter, after)));
    }

    [Fact]
    public void TopicTree_WhoseVisitorHasEnough_StopsThere()
    {
        Add("a", "a/b", "b");
        Assert.Equal(["a", "a/b"], Match("#", enough: 2));
        Assert.Equal(["a"], Match("+", enough: 1));
        Assert.Equal(["a", "a/b", "b"], Match("#", enough: 3));
    }

    [Fact]
    public void TopicTree_GivenAValueTwice_KeepsTheLater()
    {
        _tree.Set("a"u8, "first");
        _tree.Set("a"u8, "second");
        Assert.Equal(1, _tree.Count);
        Assert.Equal(["second"], Match("a"));
    }

    [Fact]
    public void TopicTree_WhenAValueIsRemoved_KeepsThoseAboveAndBelow()
    {
        Add("a", "a/b", "a/b/c");
        Assert.True(_tree.Remove("a/b"u8));
        Assert.False(_tree.Remove("a/b"u8));
        Assert.False(_tree.Remove("a/x"u8));
        Assert.Equal(["a", "a/b/c"], Match("#"));
        Assert.Equal(2, _tree.Count);
    }

    [Fact]
    public void TopicTree_WhenTheLastValueIsRemoved_HoldsNoLevel()
    {
        Add("a/b/c");
        Assert.False(_tree.Remove("a/b"u8));
        Assert.True(_tree.Remove("a/b/c"u8));
        Assert.Empty(Match("#"));
        Add("a/b");
        Assert.Equal(["a/b"], Match("#"));
    }

    [Fact]
    public void TopicTree_WithNamesDeeperThanFiltersGo_TellsThemApartAndMatchesThemByTheirTops()
    {
        var top = string.Join('/', Enumerable.Repeat("x", TopicTree<string>.LevelsMax - 1));
        var deepest = new string('/', 65_535);
        Add($"{top}/1", $"{top}/1/2", $"{top}/1/3", deepest);
        Assert.Equal([$"{top}/1", $"{top}/1/2", $"{top}/1/3"], Match($"{top}/#"));
        Assert.Equal([$"{top}/1"], Match($"{top}/+"));
        Assert.Equal([$"{top}/1"], Match($"{top}/1"));
        Assert.Equal([$"{top}/1/3"], Match("x/#", after: $"{top}/1/2"));
        Assert.Equal([deepest], Match("/#"));
        Assert.True(_tree.Remove(Encoding.UTF8.GetBytes($"{top}/1/2")));
        Assert.Equal([$"{top}/1", $"{top}/1/3"], Match($"{top}/#"));
    }

    [Theory]
    [InlineData("a/#/b")]
    [InlineData("a+")]
    [InlineData("")]
    public void TopicTree_AskedForWhatIsNoFilter_Refuses(string filter) => Assert.Throws<ArgumentException>(() => Match(filter));

    private void Add(params string[] topics)
    {
        foreach (var topic in topics)
        {
            _tree.Set(Encoding.UTF8.GetBytes(topic), topic);
        }
    }

    private List<string> Match(string filter, string after = "", int enough = int.MaxValue)
    {
        var visitor = new CollectingTopicVisitor([], enough);
        var isAll = _tree.Match(Encoding.UTF8.GetBytes(filter), Encoding.UTF8.GetBytes(after), ref visitor);
        Assert.Equal(visitor.Topics.Count < enough, isAll);
        return visitor.Topics;
    }
}
