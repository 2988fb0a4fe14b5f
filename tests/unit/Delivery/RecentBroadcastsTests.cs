using IotPlatform.Delivery;
using IotPlatform.Diagnostics;

namespace IotPlatform.Unit.Tests.Delivery;

/// <summary>The last broadcasts are known, the oldest forgotten.</summary>
public sealed class RecentBroadcastsTests
{
    [Fact]
    public void Broadcasts_BeyondTheBound_AreForgottenOldestFirst()
    {
        using var instruments = new GatewayInstruments();
        var pass = new BroadcastPass(shard: null!, "p", [], instruments);
        var recent = new RecentBroadcasts();
        for (var id = 1; id <= 4_097; id++)
        {
            recent.Add(id, pass, place: id);
        }

        Assert.False(recent.TryGet(1, out _));
        Assert.True(recent.TryGet(2, out var second));
        Assert.True(recent.TryGet(4_097, out var last));
        Assert.Equal((2, 4_097), (second.Place, last.Place));
    }
}
