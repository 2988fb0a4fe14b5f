using System.Collections.Immutable;
using IotPlatform.Broadcasts;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Broadcasts;

public sealed class ReachedDevicesGrainTests : IAsyncDisposable
{
    private readonly GrainHost _host = new();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Claim_ThatMarks_IsWonOnce()
    {
        var grain = Grain();
        Assert.Equal([true, true], await ClaimAsync(grain, marks: true, 1, 2));
        Assert.Equal([false, true, false], await ClaimAsync(grain, marks: true, 2, 3, 1));
    }

    [Fact]
    public async Task Claim_OfADeviceTwiceInOneCall_IsWonOnce() => Assert.Equal([true, false], await ClaimAsync(Grain(), marks: true, 1, 1));

    [Fact]
    public async Task Claim_ThatDoesNotMark_IsOnlyAQuestion()
    {
        var grain = Grain();
        await grain.ReachedAsync(new DeviceHashes([1]));
        Assert.Equal([false, true], await ClaimAsync(grain, marks: false, 1, 2));
        Assert.Equal([false, true], await ClaimAsync(grain, marks: false, 1, 2));
        Assert.Equal([1UL], (await _host.Broadcasts.LoadReachedAsync(7, 3)).AsEnumerable());
    }

    [Fact]
    public async Task Claim_AtOnceFromTwoGateways_IsWonByOne()
    {
        var grain = Grain();
        var stored = new TaskCompletionSource();
        _host.Broadcasts.OnAddReached = () => stored.Task;
        Task<IReadOnlyList<bool>>[] claims = [ClaimAsync(grain, marks: true, 1), ClaimAsync(grain, marks: true, 1)];
        stored.SetResult();
        Assert.Single((await Task.WhenAll(claims).InTimeAsync()).SelectMany(static won => won), static won => won);
    }

    [Fact]
    public async Task Reached_OfTheSameDevices_IsStoredOnce()
    {
        var grain = Grain();
        await grain.ReachedAsync(new DeviceHashes([1, 2, 2]));
        await grain.ReachedAsync(new DeviceHashes([2, 3]));
        Assert.Equal([1UL, 2UL, 3UL], (await _host.Broadcasts.LoadReachedAsync(7, 3)).AsEnumerable());
    }

    [Fact]
    public async Task Reached_IsAnsweredWhenItIsStored()
    {
        var grain = Grain();
        var stored = new TaskCompletionSource();
        _host.Broadcasts.OnAddReached = () => stored.Task;
        var telling = grain.ReachedAsync(new DeviceHashes([1]));

        // A store that is slow does not hold up who only asks.
        Assert.Equal([false], await ClaimAsync(grain, marks: false, 1).InTimeAsync());
        Assert.False(telling.IsCompleted);
        stored.SetResult();
        await telling.InTimeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Claim_WhenTheStoreFails_IsUndone(bool isClaim)
    {
        var grain = Grain();
        _host.Broadcasts.OnAddReached = static () => throw new IOException("The disk is full.");
        await Assert.ThrowsAsync<IOException>(() => isClaim ? ClaimAsync(grain, marks: true, 1, 2) : grain.ReachedAsync(new DeviceHashes([1, 2])));
        Assert.Empty(await _host.Broadcasts.LoadReachedAsync(7, 3));

        _host.Broadcasts.OnAddReached = static () => Task.CompletedTask;
        Assert.Equal([true, true], await ClaimAsync(grain, marks: true, 1, 2));
    }

    [Fact]
    public async Task Reached_WhileTheStoreHasNotAnsweredAnother_IsNotAnsweredBeforeIt()
    {
        var grain = Grain();
        var stored = new TaskCompletionSource();
        _host.Broadcasts.OnAddReached = () => stored.Task;
        Task[] telling = [grain.ReachedAsync(new DeviceHashes([1])), grain.ReachedAsync(new DeviceHashes([1]))];
        await ClaimAsync(grain, marks: false, 1).InTimeAsync();
        stored.SetException(new IOException("The disk is full."));
        Assert.All(telling, static task => Assert.False(task.IsCompletedSuccessfully));
        foreach (var task in telling)
        {
            await Assert.ThrowsAsync<IOException>(() => task.InTimeAsync());
        }
    }

    [Fact]
    public async Task Reached_WhenItsGrainIsLost_IsReadAgain()
    {
        await Grain().ReachedAsync(new DeviceHashes([1]));
        await using var next = new GrainHost(_host);
        Assert.Equal([false, true], await ClaimAsync(Grain(next), marks: false, 1, 2));
        Assert.Equal([true], await ClaimAsync(Grain(next, part: 4), marks: false, 1));
        Assert.Equal([true], await ClaimAsync(Grain(next, messageId: 8), marks: false, 1));
    }

    private static async Task<IReadOnlyList<bool>> ClaimAsync(IReachedDevicesGrain grain, bool marks, params ulong[] devices) =>
        [.. (await grain.ClaimAsync(new DeviceHashes(ImmutableArray.Create(devices)), marks)).AreNew];

    private IReachedDevicesGrain Grain(GrainHost? host = null, long messageId = 7, int part = 3) =>
        (host ?? _host).Engine.GetGrain<IReachedDevicesGrain>(IReachedDevicesGrain.KeyOf(messageId, part));
}
