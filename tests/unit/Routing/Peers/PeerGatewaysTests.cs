using IotPlatform.Gateways;
using IotPlatform.Routing.Peers;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Routing.Peers;

/// <summary>Which other gateways are followed.</summary>
public sealed class PeerGatewaysTests : IDisposable
{
    private static readonly TimeSpan SettleTime = 2 * IGatewayDirectoryGrain.RenewInterval;

    private readonly PeerHost _host = new();
    private long _version;

    private PeerGateways Peers => _host.Peers;

    private string Names => string.Join(' ', Peers.All.Select(static peer => $"{peer.Lease.Gateway}{peer.Lease.Epoch}"));

    public void Dispose() => _host.Dispose();

    [Fact]
    public void List_IsFollowed_WithoutThisGatewayItself()
    {
        Update(PeerHost.Lease("a"), PeerHost.Lease("self"), PeerHost.Lease("b"));
        Assert.Equal("a1 b1", Names);
        var followed = Peers.All;
        Update(PeerHost.Lease("a"), PeerHost.Lease("b"));
        Assert.Equal(followed, Peers.All);
    }

    [Fact]
    public async Task GatewayThatIsNotListedAnyMore_IsForgotten()
    {
        var peer = new FakePeer();
        Update(PeerHost.Lease("a", 1, peer), PeerHost.Lease("b"));
        (await peer.NextPullAsync()).AnswerWhole(1, "x");
        var held = await peer.NextPullAsync();
        Assert.Equal(["a"], Interested.In(Peers.Interests, "x"));

        var gone = Peers.All[0];
        Settle();
        Update(PeerHost.Lease("b"));
        Assert.Equal("b1", Names);
        Assert.Empty(Interested.In(Peers.Interests, "x"));
        held.Fail();
        await Patience.UntilAsync(() => gone.Following.IsCompleted || AdvanceRetry());
        var accepted = new TaskCompletionSource<bool>();
        Assert.True(gone.Outbox.TryAdd(PeerHost.Publish("x"), accepted));
        await accepted.Task.InTimeAsync();
        Assert.Empty(peer.Batches);
    }

    [Fact]
    public async Task GatewayThatIsNotListed_IsFollowedAsLongAsItAnswers()
    {
        await LeaveOutWhileItAnswersAsync();
        Assert.Equal("a1", Names);
        Assert.Equal(["a"], Interested.In(Peers.Interests, "x"));
        Assert.False(Peers.All[0].IsListed);

        // It is not sent everything then.
        _host.Time.Advance(IGatewayPeer.PullValidity);
        Assert.False(Peers.All[0].IsUnknown);
        Update();
        Assert.Equal("", Names);
    }

    [Fact]
    public async Task GatewayThatIsListedAgain_IsSentEverythingWhenItDoesNotAnswer()
    {
        var peer = await LeaveOutWhileItAnswersAsync();
        Update(PeerHost.Lease("a", 1, peer));
        Assert.True(Peers.All[0].IsListed);
        _host.Time.Advance(IGatewayPeer.PullValidity);
        Assert.True(Peers.All[0].IsUnknown);
    }

    [Fact]
    public void NewerEpoch_TakesThePlaceOfTheOlder_WhichDoesNotComeBack()
    {
        Update(PeerHost.Lease("a", 1));
        Peers.Add(PeerHost.Lease("a", 2));
        Assert.Equal("a2", Names);
        Peers.Add(PeerHost.Lease("a", 1));
        Update(PeerHost.Lease("a", 1));
        Assert.Equal("a2", Names);
        Update(PeerHost.Lease("a", 3));
        Assert.Equal("a3", Names);
    }

    [Fact]
    public void GatewayThatSaidHello_OutlivesAListThatWasOnItsWay_ButNotALaterOne()
    {
        Peers.Add(PeerHost.Lease("a"));
        Update();
        Assert.Equal("a1", Names);
        _host.Time.Advance(SettleTime);
        Update();
        Assert.Equal("a1", Names);
        _host.Time.Advance(TimeSpan.FromTicks(1));
        Update();
        Assert.Equal("", Names);
    }

    [Fact]
    public void Hello_OfTheGatewayItself_OrOfOneThatIsFollowed_ChangesNothing()
    {
        Peers.Add(PeerHost.Lease("self"));
        Peers.Add(PeerHost.Lease("a"));
        var followed = Peers.All;
        Peers.Add(PeerHost.Lease("a"));
        Assert.Equal(followed, Peers.All);
    }

    [Fact]
    public async Task GatewayThatWasTakenForGone_AndIsBack_DoesNotTakeNewBatchesForOldOnes()
    {
        var peer = new FakePeer();
        Update(PeerHost.Lease("a", 1, peer));
        for (var i = 0; i < 3; i++)
        {
            await PublishAsync("before");
        }

        Settle();
        Update();
        Update(PeerHost.Lease("a", 1, peer));
        await PublishAsync("after");
        var numbers = peer.Batches.Select(static batch => batch.Number).ToArray();
        Assert.Equal(4, numbers.Length);
        Assert.Equal(numbers.Distinct().Order(), numbers);
    }

    [Fact]
    public void Dispose_ForgetsAll_AlsoThoseThatHaveJustCome()
    {
        Peers.Add(PeerHost.Lease("a"));
        Peers.Dispose();
        Assert.Equal("", Names);
    }

    /// <summary>A gateway that has just answered is missing in a list.</summary>
    private async Task<FakePeer> LeaveOutWhileItAnswersAsync()
    {
        var peer = new FakePeer();
        Update(PeerHost.Lease("a", 1, peer));
        Settle();
        (await peer.NextPullAsync()).AnswerWhole(1, "x");
        (await peer.NextPullAsync()).AnswerChanges(1, [], []);
        await peer.NextPullAsync();
        Update();
        return peer;
    }

    private void Update(params GatewayLease[] live) => Peers.Update(new GatewayList(++_version, [.. live]));

    private void Settle() => _host.Time.Advance(SettleTime + TimeSpan.FromTicks(1));

    private bool AdvanceRetry()
    {
        _host.Time.Advance(TimeSpan.FromMilliseconds(500));
        return false;
    }

    private async Task PublishAsync(string topic)
    {
        var accepted = new TaskCompletionSource<bool>();
        Assert.True(Peers.All[0].Outbox.TryAdd(PeerHost.Publish(topic), accepted));
        await accepted.Task.InTimeAsync();
    }
}
