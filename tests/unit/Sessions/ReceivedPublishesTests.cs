using IotPlatform.Mqtt;
using IotPlatform.Sessions;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>QoS 2 messages from a client, until it releases them.</summary>
public sealed class ReceivedPublishesTests
{
    private readonly ReceivedPublishes _received = new(kept: null);

    [Fact]
    public async Task Message_IsTakenOnceUntilReleased()
    {
        Assert.True(TryTake(out _));
        Assert.Equal(ReasonCode.Success, await _received.Settle(7, new(ReasonCode.Success)));
        Assert.False(TryTake(out var earlier));
        Assert.Equal(ReasonCode.Success, await earlier);
        Assert.Equal(1, _received.Count);
        Assert.True(await _received.ReleaseAsync(7));
        Assert.False(await _received.ReleaseAsync(7));
        Assert.True(TryTake(out _));
    }

    [Fact]
    public async Task Message_WhoseOutcomeIsOpen_TellsItToItsCopyToo()
    {
        var outcome = new TaskCompletionSource<ReasonCode>();
        Assert.True(TryTake(out _));
        var first = _received.Settle(7, new(outcome.Task)).AsTask();
        Assert.False(TryTake(out var copy));
        Assert.False(copy.IsCompleted);
        outcome.SetResult(ReasonCode.NoMatchingSubscribers);
        Assert.Equal(ReasonCode.NoMatchingSubscribers, await first);
        Assert.Equal(ReasonCode.NoMatchingSubscribers, await copy);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Message_ThatWasRefused_MayBeSentAgain(bool isLate)
    {
        var outcome = new TaskCompletionSource<ReasonCode>();
        Assert.True(TryTake(out _));
        var settled = isLate ? _received.Settle(7, new(outcome.Task)) : _received.Settle(7, new(ReasonCode.QuotaExceeded));
        outcome.SetResult(ReasonCode.QuotaExceeded);
        Assert.Equal(ReasonCode.QuotaExceeded, await settled);
        Assert.True(TryTake(out _));
    }

    [Fact]
    public async Task Message_WhoseOutcomeFails_MayBeSentAgain()
    {
        Assert.True(TryTake(out _));
        Assert.Equal(ReasonCode.UnspecifiedError, await _received.Settle(7, new(Task.FromException<ReasonCode>(new InvalidOperationException()))));
        Assert.True(TryTake(out _));
    }

    [Fact]
    public async Task Message_OfAnEarlierConnection_IsKnown_AndSentOnAgainWhereItMayNotHaveBeen()
    {
        _received.Restore([new ReceivedMessage(7, PublishId: 70, IsRouted: true), new ReceivedMessage(8, PublishId: 80, IsRouted: false)]);
        Assert.False(TryTake(out var earlier));
        Assert.Equal(ReasonCode.Success, await earlier);
        Assert.True(_received.TryTake(8, out var isKnown, out var publishId, out _));
        Assert.True(isKnown!.IsCompletedSuccessfully);
        Assert.Equal(80, publishId);
    }

    private bool TryTake(out ValueTask<ReasonCode> earlier) => _received.TryTake(7, out _, out _, out earlier);
}
