using System.Text;
using IotPlatform.Mqtt.Topics;

namespace IotPlatform.Mqtt.Tests.Topics;

public sealed class TopicFilterTests
{
    // The examples of sections 4.7.1.2 and 4.7.1.3, and what lies beside them.
    [Theory]
    [InlineData("sport/tennis/#", true)]
    [InlineData("#", true)]
    [InlineData("sport/tennis#", false)]
    [InlineData("sport/tennis/#/ranking", false)]
    [InlineData("+", true)]
    [InlineData("+/tennis/#", true)]
    [InlineData("sport+", false)]
    [InlineData("sport/+/player1", true)]
    [InlineData("/", true)]
    [InlineData("/#", true)]
    [InlineData("+/+", true)]
    [InlineData("", false)]
    [InlineData("#/", false)]
    [InlineData("##", false)]
    [InlineData("++", false)]
    [InlineData("+#", false)]
    [InlineData("a\0", false)]
    public void TopicFilter_OfThisText_IsValidAsTheStandardSays(string filter, bool expected)
        => Assert.Equal(expected, TopicFilter.IsValid(Encoding.UTF8.GetBytes(filter)));

    [Theory]
    [InlineData("a/+/#", 3, true)]
    [InlineData("a/+/#", 2, false)]
    public void TopicFilter_WithMoreLevelsThanAllowed_IsInvalid(string filter, int levelsMax, bool expected)
        => Assert.Equal(expected, TopicFilter.IsValid(Encoding.UTF8.GetBytes(filter), levelsMax));

    // The examples of sections 4.7.1.2, 4.7.1.3, 4.7.2 and 4.7.3.
    [Theory]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/ranking", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player2", false)]
    [InlineData("sport/#", "sport", true)]
    [InlineData("sport/#", "sport/", true)]
    [InlineData("sport/#", "sports", false)]
    [InlineData("sport/tennis/+", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1/ranking", false)]
    [InlineData("sport/+", "sport", false)]
    [InlineData("sport/+", "sport/", true)]
    [InlineData("+/+", "/finance", true)]
    [InlineData("/+", "/finance", true)]
    [InlineData("+", "/finance", false)]
    [InlineData("#", "/", true)]
    [InlineData("+/#", "a", true)]
    [InlineData("+/+/#", "a", false)]
    [InlineData("#", "$SYS/monitor/Clients", false)]
    [InlineData("+/monitor/Clients", "$SYS/monitor/Clients", false)]
    [InlineData("+/#", "$SYS", false)]
    [InlineData("$SYS/#", "$SYS/monitor/Clients", true)]
    [InlineData("$SYS/#", "$SYS", true)]
    [InlineData("$SYS/monitor/+", "$SYS/monitor/Clients", true)]
    [InlineData("a/+", "a/$b", true)]
    [InlineData("ACCOUNTS", "Accounts", false)]
    [InlineData("a", "a/", false)]
    [InlineData("a/", "a", false)]
    [InlineData("a/b/c", "a/b", false)]
    [InlineData("a/b", "a/b/c", false)]
    public void TopicFilter_AndTopicName_MatchAsTheStandardSays(string filter, string topic, bool expected)
        => Assert.Equal(expected, TopicFilter.Matches(Encoding.UTF8.GetBytes(filter), Encoding.UTF8.GetBytes(topic)));

    [Theory]
    [InlineData("$share/consumer1/sport/tennis/+", "consumer1", "sport/tennis/+")]
    [InlineData("$share/consumer1//finance", "consumer1", "/finance")]
    [InlineData("$share/g/#", "g", "#")]
    [InlineData("$share/g//", "g", "/")]
    public void SharedSubscription_WhenWellFormed_IsTakenApart(string text, string shareName, string filter)
    {
        Assert.True(SharedSubscription.TryParse(Encoding.UTF8.GetBytes(text), out var name, out var topicFilter));
        Assert.Equal((shareName, filter), (Encoding.UTF8.GetString(name), Encoding.UTF8.GetString(topicFilter)));
    }

    [Theory]
    [InlineData("$share/g")]
    [InlineData("$share/g/")]
    [InlineData("$share//a")]
    [InlineData("$share/")]
    [InlineData("$share")]
    [InlineData("$share/a+/b")]
    [InlineData("$share/#/b")]
    [InlineData("$share/g/#/b")]
    [InlineData("$SHARE/g/b")]
    [InlineData("a/$share/g/b")]
    public void SharedSubscription_WhenMalformedOrNone_IsNotTakenApart(string text)
        => Assert.False(SharedSubscription.TryParse(Encoding.UTF8.GetBytes(text), out _, out _));
}
