using System.Diagnostics;

namespace IotPlatform.Engine.Tests;

// What must not be collected is compared with a grain that is, twice over: by then it would have been, too.
[Collection(IdleCollection.Name)]
public sealed class IdleCollectionTests(IdleEngineFixture engine) : EngineTest(engine)
{
    private ILifeGrain Subject => Grain<ILifeGrain>();

    [Fact]
    public async Task Grain_IdleForTheCollectionAge_IsDeactivated()
    {
        await Subject.ActivationAsync();

        await Journal.ReachesAsync("deactivated (ActivationIdle)");

        Assert.Equal(2, await Subject.ActivationAsync());
    }

    [Fact]
    public async Task Grain_CalledNowAndThen_IsKept()
    {
        await Subject.ActivationAsync();
        var otherIsCollected = OtherIsCollectedTwiceAsync();

        using var calls = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!otherIsCollected.IsCompleted && await calls.WaitForNextTickAsync())
        {
            Assert.Equal(1, await Subject.ActivationAsync());
        }

        await otherIsCollected;
    }

    [Fact]
    public async Task Grain_ThatDelaysDeactivation_IsKept()
    {
        await Subject.DelayDeactivationAsync(TimeSpan.FromMinutes(10));

        await OtherIsCollectedTwiceAsync();

        Assert.Equal(1, await Subject.ActivationAsync());
    }

    [Fact]
    public async Task Grain_ThatDelayedDeactivationForAMoment_IsDeactivated()
    {
        await Subject.DelayDeactivationAsync(TimeSpan.FromSeconds(3));

        await Journal.ReachesAsync("deactivated (ActivationIdle)");
    }

    [Fact]
    public async Task Grain_WithATickingTimer_IsDeactivated()
    {
        await Subject.StartTimerAsync(TimeSpan.FromMilliseconds(100), keepAlive: false);

        await Journal.ReachesAsync("deactivated (ActivationIdle)");
    }

    [Fact]
    public async Task Grain_WithATimerThatKeepsAlive_IsKept()
    {
        await Subject.StartTimerAsync(TimeSpan.FromMilliseconds(100), keepAlive: true);

        await OtherIsCollectedTwiceAsync();

        Assert.Equal(1, await Subject.ActivationAsync());
    }

    [Fact]
    public async Task Grain_WithARunningCall_IsKept()
    {
        var call = Subject.HoldAsync("gate");
        await Board.Gate(Key, "gate").ReachedAsync();

        await OtherIsCollectedTwiceAsync();

        Board.Gate(Key, "gate").Open();
        Assert.Equal(1, await call.InTimeAsync("the running call"));
        Assert.Equal(1, await Subject.ActivationAsync());
    }

    [Fact]
    public async Task Grain_AfterALongCall_IsIdleFromTheCallsEnd()
    {
        var call = Subject.HoldAsync("gate");
        await OtherIsCollectedTwiceAsync();

        var end = Stopwatch.GetTimestamp();
        Board.Gate(Key, "gate").Open();
        await call.InTimeAsync("the long call");
        await Journal.ReachesAsync("deactivated (ActivationIdle)");

        // Engines read a coarse clock, but none so coarse as to take half the age off.
        var idle = Stopwatch.GetElapsedTime(end);
        Assert.True(idle > IdleEngineFixture.Age / 2, $"It was deactivated {idle} after its call ended.");
    }

    [Fact]
    public async Task Grain_ThatTakesItsDelayBack_IsDeactivated()
    {
        await Subject.DelayDeactivationAsync(TimeSpan.FromMinutes(10));
        await Subject.DelayDeactivationAsync(TimeSpan.Zero);

        await Journal.ReachesAsync("deactivated (ActivationIdle)");
    }

    private async Task OtherIsCollectedTwiceAsync()
    {
        var otherKey = EngineFixture.NewKey();
        for (var times = 1; times <= 2; times++)
        {
            await Grains.GetGrain<ILifeGrain>(otherKey).ActivationAsync();
            await Board.Journal(otherKey).ReachesAsync("deactivated (ActivationIdle)", times);
        }
    }
}
