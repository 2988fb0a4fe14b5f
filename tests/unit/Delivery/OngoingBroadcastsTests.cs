using IotPlatform.Broadcasts;
using IotPlatform.Delivery;
using IotPlatform.Diagnostics;
using IotPlatform.Unit.Tests.Sessions;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Delivery;

/// <summary>The lasting broadcasts of a shard are bounded, and counted.</summary>
public sealed class OngoingBroadcastsTests : IDisposable
{
    private const int CountMax = 10_000;

    private readonly ManualTime _time = new();
    private readonly GatewayInstruments _instruments = new();
    private readonly InstrumentSum _kept;
    private readonly InstrumentSum _refused;
    private readonly OngoingBroadcasts _ongoing;

    public OngoingBroadcastsTests()
    {
        _kept = new InstrumentSum(_instruments, "iot.gateway.broadcasts.ongoing");
        _refused = new InstrumentSum(_instruments, "iot.gateway.broadcasts.refused");
        _ongoing = new OngoingBroadcasts(_instruments, _time);
    }

    [Fact]
    public void Broadcasts_ThatComeAgain_OrAreForgottenAgain_AreCountedOnce()
    {
        Assert.NotNull(Add(1));
        Assert.NotNull(Add(1));
        Assert.NotNull(Add(2));
        Assert.Equal(2, _kept.Value);

        _ongoing.Forget(1);
        _ongoing.Forget(1);
        Assert.Equal(1, _kept.Value);
        Assert.Equal(0, _refused.Value);
    }

    [Fact]
    public void Broadcasts_BeyondTheBound_AreNotTaken_AndCounted()
    {
        Fill();
        Assert.Null(Add(CountMax + 1));
        Assert.Null(Add(CountMax + 2));
        Assert.NotNull(Add(1));
        Assert.Equal((CountMax, 2), (_kept.Value, _refused.Value));

        _ongoing.Forget(1);
        Assert.NotNull(Add(CountMax + 1));
        Assert.Equal((CountMax, 2), (_kept.Value, _refused.Value));
    }

    [Fact]
    public void Broadcasts_ThatNobodyHasAskedForInAnHour_MakeRoom()
    {
        Fill();
        _time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));
        Assert.True(_ongoing.TryGet(7, out var followed));
        followed.FollowedAt = _time.GetUtcNow();

        Assert.NotNull(Add(CountMax + 1));
        Assert.True(_ongoing.TryGet(7, out _));
        Assert.False(_ongoing.TryGet(8, out _));
        Assert.Equal((2, 0), (_kept.Value, _refused.Value));
    }

    public void Dispose()
    {
        _kept.Dispose();
        _refused.Dispose();
        _instruments.Dispose();
    }

    private void Fill()
    {
        for (var id = 1; id <= CountMax; id++)
        {
            Assert.NotNull(Add(id));
        }
    }

    private OngoingBroadcast? Add(long messageId) => _ongoing.Add(new BroadcastMessage(messageId, "p", Topic: null, QoS: 1, new byte[] { 1 }), out _);
}
