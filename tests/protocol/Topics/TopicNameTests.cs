using System.Text;
using IotPlatform.Mqtt.Topics;

namespace IotPlatform.Mqtt.Tests.Topics;

public sealed class TopicNameTests
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("/", true)]
    [InlineData("a//b", true)]
    [InlineData(" ", true)]
    [InlineData("$SYS/x", true)]
    [InlineData("", false)]
    [InlineData("+", false)]
    [InlineData("a/#", false)]
    [InlineData("a+", false)]
    [InlineData("a\0", false)]
    public void TopicName_OfThisText_IsValidAsTheStandardSays(string topic, bool expected)
        => Assert.Equal(expected, TopicName.IsValid(Encoding.UTF8.GetBytes(topic)));

    [Fact]
    public void TopicName_WithIllFormedUtf8_IsInvalid() => Assert.False(TopicName.IsValid([(byte)'a', 0xFF]));

    [Fact]
    public void TopicName_LongerThanAString_IsInvalid()
    {
        Assert.True(TopicName.IsValid(Enumerable.Repeat((byte)'a', 65_535).ToArray()));
        Assert.False(TopicName.IsValid(Enumerable.Repeat((byte)'a', 65_536).ToArray()));
    }

    [Theory]
    [InlineData("a/b/c", 3, true)]
    [InlineData("a/b/c", 2, false)]
    [InlineData("//", 3, true)]
    [InlineData("//", 2, false)]
    public void TopicName_WithMoreLevelsThanAllowed_IsInvalid(string topic, int levelsMax, bool expected)
        => Assert.Equal(expected, TopicName.IsValid(Encoding.UTF8.GetBytes(topic), levelsMax));
}
