using System.Collections.Immutable;
using IotPlatform.Devices;

namespace IotPlatform.Unit.Tests.Devices;

/// <summary>Tags that many devices have alike lie in memory once.</summary>
public sealed class TagSetsTests
{
    private readonly TagSets _sets = new();

    [Fact]
    public void EqualSets_AreOne()
    {
        var first = _sets.Share(Tags("ring", "canary", "site", "north"));
        var second = _sets.Share(Tags("ring", "canary", "site", "north"));

        // An immutable array is equal to another one when they are the same memory.
        Assert.Equal(first, second);
        Assert.NotEqual(first, Tags("ring", "canary", "site", "north"));
    }

    [Fact]
    public void Sets_ThatDiffer_StayWhatTheyAre()
    {
        ImmutableArray<DeviceTag>[] all =
            [Tags("a", "b"), Tags("a", "B"), Tags("b", "a"), Tags("a", "b", "c", "d"), .. Enumerable.Range(0, 5_000).Select(static i => Tags("serial", $"{i}"))];
        foreach (var tags in all)
        {
            Assert.Equal(tags.AsEnumerable(), _sets.Share(tags));
        }
    }

    [Fact]
    public void None_IsNeverDefault()
    {
        Assert.False(_sets.Share(default).IsDefault);
        Assert.Empty(_sets.Share([]));
    }

    private static ImmutableArray<DeviceTag> Tags(params string[] texts) => [.. texts.Chunk(2).Select(static pair => new DeviceTag(pair[0], pair[1]))];
}
