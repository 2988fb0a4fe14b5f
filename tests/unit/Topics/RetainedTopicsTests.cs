using System.Text;
using IotPlatform.Topics;

namespace IotPlatform.Unit.Tests.Topics;

/// <summary>How what matches is cut into pages.</summary>
public sealed class RetainedTopicsTests
{
    private const int Quarter = RetainedPage.BytesMax / 4;

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly RetainedTopics _topics = new();

    [Fact]
    public void Page_IsFull_BeforeItsBytesAreExceeded()
    {
        // The topic counts too, so a page holds three of them.
        for (var i = 0; i < 7; i++)
        {
            Set($"t/{i}", Quarter);
        }

        var pages = Pages("t/#");
        Assert.Equal(["t/0 t/1 t/2", "t/3 t/4 t/5", "t/6"], pages);
    }

    [Fact]
    public void Page_ThatIsExactlyFull_HasThemAll()
    {
        for (var i = 0; i < 4; i++)
        {
            Set($"t/{i}", Quarter - 3);
        }

        Assert.Equal(["t/0 t/1 t/2 t/3"], Pages("#"));
    }

    [Fact]
    public void Message_LargerThanAPage_HasOneOfItsOwn()
    {
        Set("a", 10);
        Set("b", 2 * RetainedPage.BytesMax);
        Set("c", 10);
        Assert.Equal(["a", "b", "c"], Pages("#"));
    }

    [Fact]
    public void Filters_AreAnsweredOneAfterTheOther_EachInFull()
    {
        Set("a/1", Quarter);
        Set("a/2", Quarter);
        Set("b", Quarter);
        Assert.Equal(["0:a/1 0:a/2 1:b", "2:a/1 2:a/2 2:b", "3:a/2"], Pages(withFilter: true, "a/+", "b", "#", "a/2"));
        Assert.Equal(["0:b 1:a/1 2:a/1", "2:a/2 2:b"], Pages(withFilter: true, "b", "a/1", "#", "none", "none/+"));
    }

    [Fact]
    public void NextPage_GoesOnBehindATopicThatIsGone()
    {
        for (var i = 0; i < 6; i++)
        {
            Set($"t/{i}", Quarter);
        }

        var request = new MatchRetained(["#"]);
        var first = _topics.Match(request, Now);
        _topics.Set("t/2", null);
        _topics.Set("t/3", null);
        Set("t/1/new", 10);
        Set("t/25", 10);
        var second = _topics.Match(request.Next(first)!, Now);
        Assert.Equal(["t/25", "t/4", "t/5"], second.Matches.Select(static m => m.Message.Topic));
        Assert.Null(request.Next(first)!.Next(second));
    }

    [Fact]
    public void Bytes_FollowWhatIsSet()
    {
        Set("ab", 10);
        Assert.Equal((1, 12), (_topics.Count, _topics.Bytes));
        Set("ab", 3);
        Assert.Equal((1, 5), (_topics.Count, _topics.Bytes));
        _topics.Set("ab", null);
        _topics.Set("never", null);
        Assert.Equal((0, 0), (_topics.Count, _topics.Bytes));
        Assert.Null(_topics.NextEnd);
    }

    [Fact]
    public void Expired_AreFoundInTheOrderOfTheirEnds()
    {
        Set("late", 1, Now.AddSeconds(3));
        Set("first", 1, Now.AddSeconds(1));
        Set("b", 1, Now.AddSeconds(2));
        Set("a", 1, Now.AddSeconds(2));
        Set("never", 1);
        Assert.Equal(Now.AddSeconds(1), _topics.NextEnd);
        Assert.Equal("first a b", string.Join(' ', _topics.FindExpired(Now.AddSeconds(2), 10)));
        Assert.Equal("first a", string.Join(' ', _topics.FindExpired(Now.AddSeconds(2), 2)));
        Assert.Empty(_topics.FindExpired(Now, 10));
    }

    private void Set(string topic, int bytes, DateTimeOffset? expiresAt = null) =>
        _topics.Set(topic, new RetainedMessage(topic, Encoding.UTF8.GetBytes(new string('x', bytes)), 0, default, Now, expiresAt));

    private List<string> Pages(params string[] filters) => Pages(withFilter: false, filters);

    private List<string> Pages(bool withFilter, params string[] filters)
    {
        var pages = new List<string>();
        var offset = 0;
        for (var request = new MatchRetained([.. filters]); request is not null;)
        {
            var page = _topics.Match(request, Now);
            pages.Add(string.Join(' ', page.Matches.Select(m => withFilter ? $"{offset + m.Filter}:{m.Message.Topic}" : m.Message.Topic)));
            offset += page.NextFilter;
            request = request.Next(page);
        }

        return pages;
    }
}
