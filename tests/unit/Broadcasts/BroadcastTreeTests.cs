using IotPlatform.Broadcasts;

namespace IotPlatform.Unit.Tests.Broadcasts;

/// <summary>The shape of the broadcast tree.</summary>
public sealed class BroadcastTreeTests
{
    public static TheoryData<int> Sizes() => [0, 1, 2, 31, 32, 33, 63, 64, 65, 1023, 1024, 1025, 5_000, 20_000, 32_768, 32_769];

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(32, 1)]
    [InlineData(33, 2)]
    [InlineData(1_024, 2)]
    [InlineData(1_025, 3)]
    [InlineData(5_000, 3)]
    [InlineData(20_000, 3)]
    [InlineData(32_768, 3)]
    [InlineData(32_769, 4)]
    public void Depth_IsTheFewestTiersThatReachAll(int targets, int depth) => Assert.Equal(depth, BroadcastTree.Depth(targets));

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Split_IsContiguousAndCoversAll(int targets)
    {
        var next = 0;
        foreach (var part in BroadcastTree.Split(targets))
        {
            var (offset, length) = part.GetOffsetAndLength(targets);
            Assert.Equal(next, offset);
            Assert.True(length > 0);
            next = offset + length;
        }

        Assert.Equal(targets, next);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Split_IsNearlyEqual(int targets)
    {
        int[] lengths = [.. BroadcastTree.Split(targets).Select(part => part.GetOffsetAndLength(targets).Length)];
        Assert.True(lengths.Length == 0 || lengths.Max() - lengths.Min() <= 1);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void WholeTree_ReachesEachTargetOnce_WithinItsDepthAndFanOut(int targets)
    {
        var reached = new int[targets];
        Walk(0, targets, 1);
        Assert.All(reached, static count => Assert.Equal(1, count));

        void Walk(int from, int count, int tier)
        {
            var parts = BroadcastTree.Split(count);
            Assert.True(parts.Length <= BroadcastTree.FanOutMax);
            Assert.True(parts.Length == 0 || tier <= BroadcastTree.Depth(targets));
            foreach (var part in parts)
            {
                var (offset, length) = part.GetOffsetAndLength(count);
                if (length == 1)
                {
                    reached[from + offset]++;
                }
                else
                {
                    Walk(from + offset, length, tier + 1);
                }
            }
        }
    }
}
