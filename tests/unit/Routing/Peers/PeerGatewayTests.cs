using IotPlatform.Gateways;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Routing.Peers;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace IotPlatform.Unit.Tests.Routing.Peers;

/// <summary>The copy of what another gateway is interested in, and whether it may be relied on.</summary>
public sealed class PeerGatewayTests : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);

    private readonly PeerHost _host = new();
    private readonly FakePeer _peer = new();
    private readonly SubscriptionTrie<PeerGateway, string> _trie = new();
    private readonly PeerOutbox _outbox;
    private readonly PeerGateway _gateway;

    public PeerGatewayTests()
    {
        var lease = PeerHost.Lease("p", 5, _peer);
        var numbers = new CallNumbers();
        _outbox = new PeerOutbox(lease, _host.Self, numbers, static (_, _) => null, _host.Instruments, _host.Time, NullLogger.Instance);
        _gateway = new PeerGateway(lease, _host.Self, numbers, _trie, _outbox, _host.Time, NullLogger.Instance);
    }

    private static TimeSpan PullValidity => IGatewayPeer.PullValidity;

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task FirstPull_AsksForEverything_AndNothingIsReliedOnBeforeItIsAnswered()
    {
        var pull = (await _peer.NextPullAsync()).Pull;
        Assert.Equal((_host.Self.Gateway, _host.Self.Epoch, 0L, 0L), (pull.Gateway, pull.Epoch, pull.SinceEpoch, pull.SinceVersion));
        Assert.False(_gateway.IsFresh);
    }

    [Fact]
    public async Task Answer_IsEntered_AndTheNextPullGoesOnFromIt()
    {
        var first = await _peer.NextPullAsync();
        first.AnswerWhole(3, "a", "$share/g/a");
        var second = await _peer.NextPullAsync();
        Assert.Equal(3, second.Pull.SinceVersion);
        Assert.True(second.Pull.Number > first.Pull.Number);
        Assert.True(_gateway.IsFresh);
        Assert.Equal(["p", "p $share/g/a"], Interested.In(_trie, "a"));
    }

    [Fact]
    public async Task Changes_AreAddedAndRemoved()
    {
        (await _peer.NextPullAsync()).AnswerWhole(3, "a", "b");
        (await _peer.NextPullAsync()).AnswerChanges(6, ["c", "a"], ["b", "x"]);
        Assert.Equal(6, (await _peer.NextPullAsync()).Pull.SinceVersion);
        Assert.Equal("a c", Filters("a", "b", "c", "x"));
    }

    [Fact]
    public async Task Whole_TakesThePlaceOfWhatWasThere()
    {
        (await _peer.NextPullAsync()).AnswerWhole(3, "a", "b");
        (await _peer.NextPullAsync()).AnswerWhole(99, "b", "c");
        await _peer.NextPullAsync();
        Assert.Equal("b c", Filters("a", "b", "c"));
        Assert.Equal(2, _trie.SubscriptionCount);
    }

    [Fact]
    public async Task Copy_IsReliedOnForItsTime_FromTheAskingOn()
    {
        var first = await _peer.NextPullAsync();
        _host.Time.Advance(TimeSpan.FromSeconds(2));
        first.AnswerWhole(1);
        var second = await _peer.NextPullAsync();
        _host.Time.Advance(TimeSpan.FromSeconds(1) - Tick);
        Assert.True(_gateway.IsFresh);
        _host.Time.Advance(Tick);
        Assert.False(_gateway.IsFresh);

        // An answer that comes too late is as good as none.
        _host.Time.Advance(TimeSpan.FromSeconds(2));
        second.AnswerChanges(2, ["a"], []);
        await _peer.NextPullAsync();
        Assert.False(_gateway.IsFresh);
        Assert.Equal("a", Filters("a"));
    }

    [Fact]
    public async Task Answers_InTime_KeepItFresh()
    {
        (await _peer.NextPullAsync()).AnswerWhole(1);
        for (var i = 0; i < 5; i++)
        {
            var pull = await _peer.NextPullAsync();
            _host.Time.Advance(PullValidity - Tick);
            Assert.True(_gateway.IsFresh);
            pull.AnswerChanges(1, [], []);
            (await _peer.NextPullAsync()).AnswerChanges(1, [], []);
        }
    }

    [Fact]
    public async Task PullThatFails_IsMadeAgain_FromTheSameVersion_AndTheCopyStays()
    {
        (await _peer.NextPullAsync()).AnswerWhole(3, "a");
        var failed = await _peer.NextPullAsync();
        failed.Fail();
        await Patience.UntilAsync(() => _host.Time.TimersDueIn(RetryInterval) == 1);
        Assert.Equal((true, "a"), (_gateway.IsFresh, Filters("a")));
        _host.Time.Advance(RetryInterval);
        var again = await _peer.NextPullAsync();
        Assert.Equal(3, again.Pull.SinceVersion);
        Assert.True(again.Pull.Number > failed.Pull.Number);
    }

    [Fact]
    public async Task Dispose_ForgetsItsInterestsAtOnce_WhateverIsStillUnderWay()
    {
        (await _peer.NextPullAsync()).AnswerWhole(3, "a", "$share/g/a");
        var held = await _peer.NextPullAsync();
        _gateway.Dispose();
        Assert.Empty(Interested.In(_trie, "a"));

        held.AnswerChanges(4, ["b"], []);
        await _gateway.Following.InTimeAsync();
        Assert.Equal(0, _trie.SubscriptionCount);
    }

    private string Filters(params string[] topics) => string.Join(' ', topics.Where(topic => Interested.In(_trie, topic).Length > 0));
}
