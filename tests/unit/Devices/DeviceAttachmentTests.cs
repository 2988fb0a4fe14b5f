using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Sessions;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Devices;

/// <summary>Connections that are attached again, and those that two gateways hold of one device.</summary>
public sealed class DeviceAttachmentTests : IAsyncDisposable
{
    private readonly DeviceScenario _scenario = new();
    private readonly FakeGateway _otherGateway = new();
    private readonly IGatewayObserver _otherObserver;

    public DeviceAttachmentTests()
    {
        _scenario.Register();
        _otherObserver = _scenario.Host.Reference(_otherGateway);
    }

    private GrainHost Host => _scenario.Host;

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    [Fact]
    public async Task Reattach_OfTheConnectionThatTheGrainKnows_ChangesNothing()
    {
        var order = (await _scenario.AttachAsync()).Order;
        var before = await _scenario.ConnectionAsync();
        Host.Time.Advance(TimeSpan.FromSeconds(1));
        AssertAttached(order, await _scenario.ReattachAsync(order));
        Assert.Equal(before, await _scenario.ConnectionAsync());
        Assert.Empty(_scenario.Gateway.Closes);
    }

    [Fact]
    public async Task Reattach_OfAConnectionThatIsStillToBeOpened_SaysAgainThatSomethingWaits()
    {
        await _scenario.SendAsync("a");
        var order = (await _scenario.AttachAsync()).Order;
        Assert.True((await _scenario.ReattachAsync(order)).HasWaiting);
        Assert.Empty(_scenario.Gateway.Requests);

        await _scenario.Grain.OpenAsync(DeviceScenario.Connection(1));
        Assert.Equal(["a"], _scenario.Gateway.DeliveredIds);
        Assert.False((await _scenario.ReattachAsync(order)).HasWaiting);
    }

    [Fact]
    public async Task Reattach_AfterTheGrainWasLost_MakesItTheDevicesConnectionAgain()
    {
        var order = (await _scenario.AttachAsync()).Order;
        await using var next = new DeviceScenario(new GrainHost(Host));
        Assert.Null(await next.ConnectionAsync());
        AssertAttached(order, await next.ReattachAsync(order));
        Assert.True((await next.ConnectionAsync())!.IsOnline);
        Assert.Equal(MessageStatus.Sent, (await next.SendAsync("a")).Progress.Status);
        Assert.Equal(["a"], next.Gateway.DeliveredIds);
    }

    [Fact]
    public async Task Attach_WhileTheSessionOfTheOneBeforeIsOpened_LeavesThatOneNoSession()
    {
        await _scenario.AttachAsync(1, session: Wish(TimeSpan.Zero));
        var stored = new TaskCompletionSource();
        Host.Sessions.OnWrite = what => what == "save" ? stored.Task : Task.CompletedTask;
        var older = _scenario.AttachAsync(2, session: Wish(TimeSpan.FromHours(1)));
        var newer = _scenario.AttachAsync(3, session: Wish(TimeSpan.Zero) with { IsCleanStart = true });
        stored.SetResult();
        Assert.Equal(AttachOutcome.Superseded, (await older.InTimeAsync()).Outcome);
        Assert.Equal(AttachOutcome.Attached, (await newer.InTimeAsync()).Outcome);
        Assert.Null(await SessionAsync());
    }

    [Fact]
    public async Task Attach_ThatItsGatewayGivesUpWhileItsSessionIsOpened_LeavesNoConnectionToThat()
    {
        var stored = new TaskCompletionSource();
        Host.Sessions.OnWrite = _ => stored.Task;
        var attach = _scenario.AttachAsync(session: Wish(TimeSpan.FromHours(1)));
        await _scenario.Grain.DetachAsync(DeviceScenario.Connection(1)).InTimeAsync();
        stored.SetResult();
        Assert.Equal(AttachOutcome.Superseded, (await attach.InTimeAsync()).Outcome);
        Assert.False((await SessionAsync())!.IsConnected);
    }

    [Fact]
    public async Task Attach_WhoseSessionCanNotBeStored_LeavesNoConnectionToIt()
    {
        Host.Sessions.OnWrite = static _ => Task.FromException(new StoreUnavailableException());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _scenario.AttachAsync(session: Wish(TimeSpan.FromHours(1)))).InTimeAsync();
        Assert.False((await SessionAsync())!.IsConnected);
    }

    // Its gateway has had no answer, and sends the client away.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Attach_WhoseAnswerWasLost_LeavesNoConnection_AndASessionThatWaits(bool isDetachedBefore)
    {
        await _scenario.AttachAsync(session: Wish(TimeSpan.FromHours(1)));
        Assert.True((await SessionAsync())!.IsConnected);
        if (isDetachedBefore)
        {
            await _scenario.Grain.DetachAsync(DeviceScenario.Connection(1));
        }

        await _scenario.Grain.GiveUpAsync(DeviceScenario.Connection(1), TimeSpan.FromHours(1));

        await Patience.UntilAsync(() => SessionAsync().Result is { IsConnected: false, ExpiresAt: not null });
        Assert.False((await _scenario.ConnectionAsync())!.IsOnline);
    }

    [Fact]
    public async Task GiveUp_OfAnOlderConnection_ChangesNothing()
    {
        await _scenario.AttachAsync(1, session: Wish(TimeSpan.FromHours(1)));
        await _scenario.AttachAsync(2, session: Wish(TimeSpan.FromHours(1)));
        await _scenario.Grain.GiveUpAsync(DeviceScenario.Connection(1), TimeSpan.FromHours(1));
        Assert.True((await SessionAsync())!.IsConnected);
        Assert.True((await _scenario.ConnectionAsync())!.IsOnline);
    }

    [Fact]
    public async Task Reattach_OfAConnectionThatHasEnded_IsSuperseded()
    {
        var order = (await _scenario.AttachAsync()).Order;
        await _scenario.Grain.DetachAsync(DeviceScenario.Connection(1));
        Assert.Equal(AttachOutcome.Superseded, (await _scenario.ReattachAsync(order)).Outcome);
        Assert.False((await _scenario.ConnectionAsync())!.IsOnline);
    }

    [Fact]
    public async Task Reattach_OfAnOlderConnectionOfTheSameGateway_IsSuperseded()
    {
        var order = (await _scenario.AttachAsync(1)).Order;
        await _scenario.AttachAsync(2);
        Assert.Equal(AttachOutcome.Superseded, (await _scenario.ReattachAsync(order, connectionId: 1)).Outcome);
        Assert.Equal(AttachmentStanding.Current, await _scenario.Grain.OpenAsync(DeviceScenario.Connection(2)));
    }

    [Fact]
    public async Task Reattach_OfADeviceThatWasDisabledOrDeleted_IsRefused()
    {
        var order = (await _scenario.AttachAsync()).Order;
        await _scenario.Grain.SetEnabledAsync(false);
        Assert.Equal(AttachOutcome.Disabled, (await _scenario.ReattachAsync(order)).Outcome);
        await _scenario.Grain.DeleteAsync();
        Assert.Equal(AttachOutcome.BadCredential, (await _scenario.ReattachAsync(order)).Outcome);
    }

    [Fact]
    public async Task Proven_NeedsNoSecretAndNoOpenProduct_ButARegistration()
    {
        Assert.Equal(AttachOutcome.Attached, (await _scenario.ReattachAsync(order: 7)).Outcome);
        await _scenario.Grain.DetachAsync(DeviceScenario.Connection(1));
        await _scenario.Grain.DeleteAsync();
        Assert.Equal(AttachOutcome.BadCredential, (await _scenario.ReattachAsync(order: 8, connectionId: 2)).Outcome);
        Assert.Null(Host.Registry[DeviceScenario.Device]);
    }

    [Fact]
    public async Task Reattach_OfAnAnonymousClient_NeedsNoRegistration()
    {
        await _scenario.Grain.DeleteAsync();
        Assert.Equal(AttachOutcome.Attached, (await _scenario.ReattachAsync(order: 7, kind: CredentialKind.Anonymous)).Outcome);
        Assert.True((await _scenario.ConnectionAsync())!.IsOnline);
    }

    [Fact]
    public async Task Standing_TellsTheCurrentConnectionFromForgottenAndSupersededOnes()
    {
        // The grain has just come to memory, and knows of no connection.
        await AssertStandingAsync(AttachmentStanding.Unknown, DeviceScenario.Connection(1));
        await _scenario.AttachAsync(1);
        await AssertStandingAsync(AttachmentStanding.Current, DeviceScenario.Connection(1));
        await AssertStandingAsync(AttachmentStanding.Superseded, DeviceScenario.Connection(2));
        await AssertStandingAsync(AttachmentStanding.Superseded, DeviceScenario.Connection(1, epoch: 2));
        await AssertStandingAsync(AttachmentStanding.Superseded, DeviceScenario.Connection(1, gateway: "g2"));

        await _scenario.Grain.DetachAsync(DeviceScenario.Connection(1));
        await AssertStandingAsync(AttachmentStanding.Superseded, DeviceScenario.Connection(1));
        await AssertStandingAsync(AttachmentStanding.Unknown, DeviceScenario.Connection(2));
    }

    [Fact]
    public async Task Takeover_ByAnotherGateway_ClosesTheOlderConnection_WhichCanNotComeBack()
    {
        var older = await _scenario.AttachAsync(9);
        var newer = await _scenario.AttachAsync(1, gateway: "g2", observer: _otherObserver);
        Assert.True(newer.Order > older.Order);
        await Patience.UntilAsync(() => _scenario.Gateway.Closes.Contains(new CloseRequest(9, CloseReason.TakenOver)));

        Assert.Equal(AttachOutcome.Superseded, (await _scenario.ReattachAsync(older.Order, connectionId: 9)).Outcome);
        await AssertStandingAsync(AttachmentStanding.Superseded, DeviceScenario.Connection(9));
        await AssertStandingAsync(AttachmentStanding.Current, DeviceScenario.Connection(1, gateway: "g2"));
        Assert.Empty(_otherGateway.Closes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task BothConnections_AttachedAgainAfterTheGrainWasLost_LeaveTheNewerOne(bool isOlderFirst)
    {
        var older = (await _scenario.AttachAsync(9)).Order;
        var newer = (await _scenario.AttachAsync(1, gateway: "g2")).Order;

        await using var next = new DeviceScenario(new GrainHost(Host));
        var newerGateway = new FakeGateway();
        var newerObserver = next.Host.Reference(newerGateway);
        if (isOlderFirst)
        {
            Assert.Equal(AttachOutcome.Attached, (await next.ReattachAsync(older, connectionId: 9)).Outcome);
            Assert.Equal(AttachOutcome.Attached, (await next.ReattachAsync(newer, gateway: "g2", observer: newerObserver)).Outcome);
            await Patience.UntilAsync(() => next.Gateway.Closes.Contains(new CloseRequest(9, CloseReason.TakenOver)));
        }
        else
        {
            Assert.Equal(AttachOutcome.Attached, (await next.ReattachAsync(newer, gateway: "g2", observer: newerObserver)).Outcome);
        }

        Assert.Equal(AttachOutcome.Superseded, (await next.ReattachAsync(older, connectionId: 9)).Outcome);
        Assert.Equal(new GatewayId("g2"), (await next.ConnectionAsync())!.Gateway);
        Assert.Empty(newerGateway.Closes);
    }

    [Fact]
    public async Task NewConnection_AfterOneFromASiloWhoseClockIsAhead_IsStillTheNewer()
    {
        var order = (await _scenario.AttachAsync(1, gateway: "g2")).Order;
        await using var next = new DeviceScenario(new GrainHost(Host));
        next.Host.Time.SetUtcNow(Host.Time.GetUtcNow().AddHours(-1));
        await next.ReattachAsync(order, gateway: "g2");
        var newer = await next.AttachAsync(9);
        Assert.Equal((AttachOutcome.Attached, true), (newer.Outcome, newer.Order > order));
        Assert.Equal(AttachOutcome.Superseded, (await next.ReattachAsync(order, gateway: "g2")).Outcome);
    }

    [Fact]
    public async Task Messages_AfterTheClockSteppedBack_KeepTheirOrder()
    {
        var first = await _scenario.SendAsync("a");
        await using var next = new DeviceScenario(new GrainHost(Host));
        next.Host.Time.SetUtcNow(Host.Time.GetUtcNow().AddHours(-1));
        var second = await next.SendAsync("b");
        Assert.True(second.Sequence > first.Sequence);
        await next.OpenAsync();
        Assert.Equal(["a", "b"], next.Gateway.DeliveredIds);
    }

    [Fact]
    public async Task Reattach_SendsAgainWhatIsUnacknowledged_AndCountsNoRound()
    {
        var order = (await _scenario.AttachAsync()).Order;
        await _scenario.SendAsync("a");

        await using var next = new DeviceScenario(new GrainHost(Host));
        Assert.True((await next.ReattachAsync(order)).HasWaiting);
        await next.Grain.OpenAsync(DeviceScenario.Connection(1));
        var delivery = Assert.Single(Assert.Single(next.Gateway.Requests).Deliveries);
        Assert.Equal(("a", true), (delivery.MessageId, delivery.IsDuplicate));
        var progress = (await next.Grain.GetMessageAsync("a")).Value!.Progress;
        Assert.Equal((2, 0), (progress.Attempts, progress.Rounds));
    }

    [Fact]
    public async Task GatewayThatIsGone_LeavesItsDevicesOffline_AndIsCalledNoMore()
    {
        await SetLiveAsync("g1", "g2");
        await _scenario.OpenAsync();
        await SetLiveAsync("g2");
        Assert.Equal(MessageStatus.Pending, (await _scenario.SendAsync("a")).Progress.Status);
        Assert.False((await _scenario.ConnectionAsync())!.IsOnline);
        await AssertStandingAsync(AttachmentStanding.Unknown, DeviceScenario.Connection(1));

        await _scenario.AttachAsync(1, gateway: "g2", observer: _otherObserver);
        await _scenario.Grain.OpenAsync(DeviceScenario.Connection(1, gateway: "g2"));
        Assert.Equal(["a"], _otherGateway.DeliveredIds);
        Assert.Empty(_scenario.Gateway.Requests);
        Assert.Empty(_scenario.Gateway.Closes);
    }

    [Fact]
    public async Task GatewayThatIsGone_LeavesNoDeviceInMemory_AndNoneOnlineOnceItIsForgotten()
    {
        await SetLiveAsync("g1");
        await _scenario.AttachAsync();
        await SetLiveAsync("g2");
        Host.Time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromMinutes(1));
        await SetLiveAsync("g2", "g3");
        Assert.Null(await _scenario.ConnectionAsync());
        Host.Time.Advance(TimeSpan.FromHours(1));
        await Patience.UntilAsync(() => Host.Engine.ActivationCount == 0);
    }

    [Fact]
    public async Task GatewayThatLapsed_AttachesNothingUntilItIsBack()
    {
        await SetLiveAsync("g1");
        var order = (await _scenario.AttachAsync(1)).Order;
        await SetLiveAsync();

        // What it attached now would be void at once, and its will published.
        Assert.Equal(AttachReply.Refused(AttachOutcome.GatewayLapsed), await _scenario.ReattachAsync(order));
        Assert.Equal(AttachOutcome.GatewayLapsed, (await _scenario.AttachAsync(2)).Outcome);

        await SetLiveAsync("g1");
        AssertAttached(order, await _scenario.ReattachAsync(order));
        await AssertStandingAsync(AttachmentStanding.Current, DeviceScenario.Connection(1));
    }

    [Fact]
    public async Task WrongSecret_AtAGatewayThatLapsed_IsBadAllTheSame()
    {
        await SetLiveAsync("g1");
        await SetLiveAsync();
        Assert.Equal(AttachOutcome.BadCredential, (await _scenario.AttachAsync(secret: "wrong")).Outcome);
    }

    [Fact]
    public async Task RestartedGateway_AttachesWhileItsEarlierSelfIsGone()
    {
        await SetLiveAsync("g1");
        await _scenario.AttachAsync(900);
        await SetLiveAsync();
        Assert.Equal(AttachOutcome.Attached, (await _scenario.AttachAsync(1, epoch: 2)).Outcome);
        Assert.True((await _scenario.ConnectionAsync())!.IsOnline);
    }

    private Task SetLiveAsync(params string[] gateways) => Host.SetLiveAsync(gateways.Select(gateway => Host.Lease(gateway)));

    private async Task AssertStandingAsync(AttachmentStanding expected, Attachment attachment)
    {
        Assert.Equal(expected, await _scenario.Grain.OpenAsync(attachment));
        Assert.Equal(expected, await _scenario.Grain.SubscribedAsync(attachment));
        Assert.Equal(expected, await _scenario.Grain.AcknowledgeAsync(new AcknowledgeRequest(attachment, [])));
    }

    private static SessionWish Wish(TimeSpan expiry) => new(IsCleanStart: false, expiry, new SessionBounds(100, 10_000, DropsOldest: false), Will: null);

    private Task<SessionView?> SessionAsync() =>
        Host.Engine.GetGrain<ISessionShardGrain>(SessionShards.KeyOf(SessionShards.Of(DeviceScenario.Device))).FindAsync(DeviceScenario.Device).InTimeAsync();

    private static void AssertAttached(long order, AttachReply reply)
    {
        Assert.Equal((AttachOutcome.Attached, false, order), (reply.Outcome, reply.HasWaiting, reply.Order));
        Assert.NotEqual(0, reply.Generation);
    }
}
