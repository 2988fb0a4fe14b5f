using IotPlatform.Devices;
using IotPlatform.StatusEvents;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.StatusEvents;

/// <summary>Pushes to a URL where nobody is.</summary>
public sealed class StatusPushGrainTests : IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    // Nothing listens on a port that can not be bound without being asked for.
    private static readonly StatusPush Push = new("p1", "http://127.0.0.1:1/", StatusEventFilter.All, "0123456789abcdef", DateTimeOffset.UnixEpoch);

    private readonly GrainHost _host = new() { PushOptions = { AllowPrivateAddresses = true, ParkAfter = TimeSpan.FromMinutes(1) } };

    private IStatusPushesGrain All => _host.Engine.GetGrain<IStatusPushesGrain>(IStatusPushesGrain.GrainKey);

    private IStatusPushGrain One => _host.Engine.GetGrain<IStatusPushGrain>(Push.Id);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Push_WhoseParkingCanNotBeStored_IsNotParked_UntilItCan()
    {
        var failures = 0;
        _host.StatusPushes.OnUpdate = _ =>
        {
            Interlocked.Increment(ref failures);
            throw new StoreUnavailableException("Away.");
        };
        await All.CreateAsync(Push).InTimeAsync();
        _host.StatusEvents.Add(Message);
        await _host.Time.AdvanceUntilAsync(Step, () => Volatile.Read(ref failures) > 0);
        Assert.Null((await One.GetAsync().InTimeAsync()).Value!.ParkedAt);

        _host.StatusPushes.OnUpdate = static _ => { };
        await All.EnsureRunningAsync().InTimeAsync();
        await UntilParkedAsync();
    }

    [Fact]
    public async Task Push_ThatIsParked_DoesNotRun_AndBeginsBeforeWhatWasNotTaken()
    {
        _host.StatusEvents.Add(Message);
        await All.CreateAsync(Push).InTimeAsync();
        _host.StatusEvents.Add(Message);
        await UntilParkedAsync();

        await All.EnsureRunningAsync().InTimeAsync();

        var view = (await One.GetAsync().InTimeAsync()).Value!;
        Assert.NotNull(view.ParkedAt);
        Assert.NotNull(view.LastFailure);
        Assert.Equal(0, view.Waiting);
        Assert.Equal(new StatusEventPosition(0, 1, StatusEventPosition.WholePage), (await _host.StatusPushes.FindAsync(Push.Id))!.Position);
        Assert.Null((await One.ResumeAsync().InTimeAsync()).Value!.ParkedAt);
        Assert.Equal(RefusalCode.FailedPrecondition, (await One.ResumeAsync().InTimeAsync()).Refusal!.Code);
    }

    [Fact]
    public async Task Push_WhoseDeletionWasInterrupted_EndsWithTheNextOne()
    {
        await All.CreateAsync(Push).InTimeAsync();
        await _host.StatusPushes.DeleteAsync(Push.Id);
        Assert.NotNull((await One.GetAsync().InTimeAsync()).Value);

        Assert.Equal(RefusalCode.NotFound, (await All.DeleteAsync(Push.Id).InTimeAsync()).Refusal!.Code);

        Assert.Equal(RefusalCode.NotFound, (await One.GetAsync().InTimeAsync()).Refusal!.Code);
    }

    private async Task UntilParkedAsync()
    {
        await _host.Time.AdvanceUntilAsync(Step, () => _host.StatusPushes[Push.Id]!.ParkedAt is not null);
        await Patience.UntilAsync(async () => (await One.GetAsync()).Value!.ParkedAt is not null);
    }

    private static DeviceMessage Message { get; } = new(
        new DeviceId("p", "d"), "m", 1, "", new byte[] { 1 }, "t", false, 1, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1), MessageProgress.Accepted);
}
