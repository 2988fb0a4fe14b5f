using System.Collections.Concurrent;
using IotPlatform.Devices;
using IotPlatform.Storage;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;
using Microsoft.Extensions.Options;

namespace IotPlatform.Unit.Tests.Devices;

/// <summary>Changes that wait for a moment, so that the next one is written in their place.</summary>
public sealed class HeldProgressTests : IDisposable
{
    private static readonly DeviceId Device = new("p", "d");
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly ManualTime _time = new();
    private readonly MemoryMessageStore _store = new();
    private readonly StoreInstruments _instruments = new();
    private readonly ConcurrentQueue<MessageStatus> _written = new();
    private readonly HeldProgress _progress;

    public HeldProgressTests()
    {
        _store.OnUpdate = progress =>
        {
            _written.Enqueue(progress.Status);
            return Task.CompletedTask;
        };
        _progress = new HeldProgress(_store, _instruments, Options.Create(new DeviceMessageOptions { HoldProgressFor = Period }), _time);
    }

    public void Dispose()
    {
        _progress.Dispose();
        _instruments.Dispose();
    }

    [Fact]
    public async Task FinalChange_IsWrittenAtOnce_InThePlaceOfTheOneThatWaits()
    {
        var sent = UpdateAsync(MessageStatus.Sent);
        Assert.Empty(_written);
        var delivered = UpdateAsync(MessageStatus.Delivered);
        await Task.WhenAll(sent, delivered).InTimeAsync();
        _time.Advance(10 * Period);
        Assert.Equal([MessageStatus.Delivered], _written);
    }

    [Fact]
    public async Task Change_ThatIsAlone_IsWrittenAfterItsTime()
    {
        var sent = UpdateAsync(MessageStatus.Sent);
        _time.Advance(Period);
        Assert.Empty(_written);
        Assert.False(sent.IsCompleted);
        _time.Advance(Period);
        await sent.InTimeAsync();
        Assert.Equal([MessageStatus.Sent], _written);

        // And it begins anew.
        var again = UpdateAsync(MessageStatus.Sent);
        _time.Advance(2 * Period);
        await again.InTimeAsync();
        Assert.Equal(2, _written.Count);
    }

    [Fact]
    public async Task Change_ThatFollowsOneThatWaits_IsWrittenForBoth()
    {
        var first = UpdateAsync(MessageStatus.Sent);
        _time.Advance(Period);
        var second = UpdateAsync(MessageStatus.Sent);
        _time.Advance(2 * Period);
        await Task.WhenAll(first, second).InTimeAsync();
        Assert.Single(_written);
    }

    [Fact]
    public async Task Change_WhileTheStoreIsBehind_IsHeldOn_ForAWhile()
    {
        _store.IsBehind = true;
        var sent = UpdateAsync(MessageStatus.Sent);
        _time.Advance(10 * Period);
        Assert.Empty(_written);

        // What is final is not.
        await UpdateAsync(MessageStatus.Delivered, 2).InTimeAsync();
        Assert.Equal([MessageStatus.Delivered], _written);

        _time.Advance(40 * Period);
        await sent.InTimeAsync();
        Assert.Equal([MessageStatus.Delivered, MessageStatus.Sent], _written);
    }

    [Fact]
    public async Task Change_ThatWasHeldOn_IsWrittenOnceTheStoreHasCaughtUp()
    {
        _store.IsBehind = true;
        var sent = UpdateAsync(MessageStatus.Sent);
        _time.Advance(5 * Period);
        _store.IsBehind = false;
        _time.Advance(2 * Period);
        await sent.InTimeAsync();
        Assert.Equal([MessageStatus.Sent], _written);
    }

    [Fact]
    public async Task Messages_DoNotShareTheirChanges()
    {
        var first = UpdateAsync(MessageStatus.Sent, 1);
        var other = UpdateAsync(MessageStatus.Delivered, 2);
        await other.InTimeAsync();
        Assert.False(first.IsCompleted);
        _time.Advance(Period);
        var third = UpdateAsync(MessageStatus.Sent, 3);
        _time.Advance(Period);
        await first.InTimeAsync();
        Assert.False(third.IsCompleted);
        _time.Advance(Period);
        await third.InTimeAsync();
    }

    [Fact]
    public async Task Change_ForWhichThereIsNoRoom_IsWrittenAtOnce()
    {
        for (var i = 0; i < HeldProgress.LengthMax; i++)
        {
            _ = UpdateAsync(MessageStatus.Sent, i);
        }

        Assert.Empty(_written);
        await UpdateAsync(MessageStatus.Sent, HeldProgress.LengthMax).InTimeAsync();
        Assert.Single(_written);
        await UpdateAsync(MessageStatus.Delivered, 0).InTimeAsync();
        var held = UpdateAsync(MessageStatus.Sent, HeldProgress.LengthMax + 1);
        Assert.False(held.IsCompleted);
    }

    [Fact]
    public async Task Store_ThatFails_FailsAllThatWaitForTheWrite()
    {
        _store.OnUpdate = static _ => throw new IOException("The disk is full.");
        var sent = UpdateAsync(MessageStatus.Sent);
        var delivered = UpdateAsync(MessageStatus.Delivered);
        await Assert.ThrowsAsync<IOException>(() => sent.InTimeAsync());
        await Assert.ThrowsAsync<IOException>(() => delivered.InTimeAsync());
    }

    [Fact]
    public async Task Dispose_WritesWhatIsHeld_AndHoldsNothingAfterThat()
    {
        var old = UpdateAsync(MessageStatus.Sent, 1);
        _time.Advance(Period);
        var young = UpdateAsync(MessageStatus.Sent, 2);
        _progress.Dispose();
        await Task.WhenAll(old, young, UpdateAsync(MessageStatus.Sent, 3)).InTimeAsync();
        Assert.Equal(3, _written.Count);
    }

    private Task UpdateAsync(MessageStatus status, long sequence = 1) => _progress.UpdateAsync(new MessageChange(
        Device, $"{sequence}", sequence, "", MessageStatus.Pending, MessageProgress.Accepted with { Status = status, FinishedAt = status == MessageStatus.Delivered ? _time.GetUtcNow() : null }));
}
