using System.Text;
using IotPlatform.Topics;

namespace IotPlatform.Unit.Tests.Topics;

/// <summary>A topic's shard is stored with its message: it must be the same in every process and every version.</summary>
public sealed class RetainedShardsTests
{
    [Theory]
    [InlineData("a", 6)]
    [InlineData("b", 12)]
    [InlineData("a/b", 11)]
    [InlineData("/p/d/state", 3)]
    [InlineData("$SYS/load", 9)]
    [InlineData("ü/温", 14)]
    public void Shard_OfATopic_NeverChanges(string topic, int expected)
    {
        Assert.Equal(expected, RetainedShards.Of(topic));
        Assert.Equal(expected, RetainedShards.Of(Encoding.UTF8.GetBytes(topic)));
    }

    [Theory]
    [InlineData("/demo/lamp{0}/state")]
    [InlineData("sensors/{0}/temperature")]
    [InlineData("{0}")]
    public void Shards_OfManyTopics_GetAboutAsManyEach(string form)
    {
        var counts = new int[RetainedShards.Count];
        for (var i = 0; i < 16_000; i++)
        {
            counts[RetainedShards.Of(string.Format(null, form, i))]++;
        }

        Assert.All(counts, static count => Assert.InRange(count, 850, 1_150));
    }

    [Fact]
    public void Key_NamesItsShard() =>
        Assert.All(Enumerable.Range(0, RetainedShards.Count), static shard => Assert.Equal(shard, RetainedShards.FromKey(RetainedShards.KeyOf(shard))));
}
