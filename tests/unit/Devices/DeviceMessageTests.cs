using System.Globalization;
using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Products;
using IotPlatform.Sessions;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;
using Orleans.Runtime;

namespace IotPlatform.Unit.Tests.Devices;

/// <summary>A message's way through the device's grain.</summary>
public sealed class DeviceMessageTests : IAsyncDisposable
{
    private readonly DeviceScenario _scenario = new();

    public DeviceMessageTests() => _scenario.Register();

    private FakeGateway Gateway => _scenario.Gateway;

    private MemoryMessageStore Store => _scenario.Host.Messages;

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    [Fact]
    public async Task Send_WhileOffline_IsDurableAndPending()
    {
        var message = await _scenario.SendAsync(null);
        Assert.Equal(MessageProgress.Accepted, message.Progress);
        Assert.Equal(message.Sequence.ToString(CultureInfo.InvariantCulture), message.MessageId);
        Assert.Equal($"/sys/p/d/message/request/{message.MessageId}", message.Topic);
        Assert.Equal(message, Store[DeviceScenario.Device, message.MessageId]);
    }

    [Fact]
    public async Task Send_WhileOnline_IsWrittenBeforeTheAnswer()
    {
        await _scenario.OpenAsync();
        var message = await _scenario.SendAsync("a");
        Assert.Equal((MessageStatus.Sent, 1), (message.Progress.Status, message.Progress.Attempts));
        var delivery = Assert.Single(Assert.Single(Gateway.Requests).Deliveries);
        Assert.Equal(("a", message.Topic, 1, false, false), (delivery.MessageId, delivery.Topic, delivery.QoS, delivery.IsDuplicate, delivery.NeedsSubscription));
        Assert.Equal([1], delivery.Payload.ToArray());
    }

    [Fact]
    public async Task Send_WithATopic_NeedsASubscription()
    {
        await _scenario.OpenAsync();
        await _scenario.Grain.SendAsync(new SendDeviceMessage("a", "", new byte[] { 1 }, "/p/d/own", 1, TimeSpan.FromDays(1)));
        var delivery = Assert.Single(Assert.Single(Gateway.Requests).Deliveries);
        Assert.Equal(("/p/d/own", true), (delivery.Topic, delivery.NeedsSubscription));
    }

    [Fact]
    public async Task Send_OfQoS0WhileOnline_IsDelivered()
    {
        await _scenario.OpenAsync();
        Assert.Equal(MessageStatus.Delivered, (await _scenario.SendAsync("a", qos: 0)).Progress.Status);
    }

    [Fact]
    public async Task WaitingMessages_GoOutInOrder_OnceTheConnectionIsOpen()
    {
        for (var i = 0; i < 20; i++)
        {
            await _scenario.SendAsync($"m{i}");
        }

        Assert.True((await _scenario.AttachAsync()).HasWaiting);
        Assert.Empty(Gateway.Requests);
        await _scenario.Grain.OpenAsync(DeviceScenario.Connection(1));
        Assert.Equal(Enumerable.Range(0, 20).Select(static i => $"m{i}"), Gateway.DeliveredIds);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Send_OfSeveralWhileTheGrainReads_KeepsTheirOrder(bool readsRegistration)
    {
        var reads = new Stack<TaskCompletionSource>();
        if (readsRegistration)
        {
            _scenario.Host.Registry.OnFindDevice = Read;
        }
        else
        {
            Store.OnLoad = _ => new ValueTask(Read());
        }

        Task[] sending = [_scenario.SendAsync("a"), _scenario.SendAsync("b"), _scenario.SendAsync("c")];

        // Whatever read they wait for has begun when the grain answers what came behind them.
        await _scenario.Grain.ListMessagesAsync(new ListDeviceMessages(null, 1, null)).InTimeAsync();
        while (reads.TryPop(out var latest))
        {
            latest.SetResult();
        }

        await Task.WhenAll(sending).InTimeAsync();
        await _scenario.OpenAsync();
        Assert.Equal(["a", "b", "c"], Gateway.DeliveredIds);

        Task Read()
        {
            var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (reads)
            {
                reads.Push(read);
            }

            return read.Task;
        }
    }

    [Fact]
    public async Task Attach_WithNothingWaiting_NeedsNoWordThatItIsOpen()
    {
        Assert.False((await _scenario.AttachAsync()).HasWaiting);
        await _scenario.SendAsync("a");
        Assert.Single(Gateway.Requests);
    }

    [Fact]
    public async Task NotOpenYet_WaitsForTheGatewaysWord()
    {
        await _scenario.AttachAsync();
        Gateway.OnDeliver = static request => Task.FromResult(new DeliverReply([DeliveryOutcome.NotOpen]));
        Assert.Equal(MessageStatus.Pending, (await _scenario.SendAsync("a")).Progress.Status);
        _scenario.Host.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Single(Gateway.Requests);

        Gateway.OnDeliver = static request => Task.FromResult(FakeGateway.All(request, DeliveryOutcome.Written));
        await _scenario.Grain.OpenAsync(DeviceScenario.Connection(1));
        Assert.Equal(MessageStatus.Sent, await _scenario.StatusAsync("a"));
    }

    [Fact]
    public async Task NotOpenYet_ThatIsOvertakenByTheGatewaysWord_IsTriedAgain()
    {
        await _scenario.AttachAsync();
        var report = new TaskCompletionSource<DeliverReply>();
        Gateway.OnDeliver = _ => report.Task;
        var sending = _scenario.SendAsync("a");
        await Patience.UntilAsync(() => !Gateway.Requests.IsEmpty);
        Gateway.OnDeliver = static request => Task.FromResult(FakeGateway.All(request, DeliveryOutcome.Written));
        var opening = _scenario.Grain.OpenAsync(DeviceScenario.Connection(1));

        report.SetResult(new DeliverReply([DeliveryOutcome.NotOpen]));
        await Task.WhenAll(sending, opening).InTimeAsync();
        Assert.Equal(MessageStatus.Sent, await _scenario.StatusAsync("a"));
    }

    [Fact]
    public async Task NotConnected_MeansOffline()
    {
        await _scenario.OpenAsync();
        Gateway.OnDeliver = static request => Task.FromResult(new DeliverReply([DeliveryOutcome.NotConnected]));
        Assert.Equal(MessageStatus.Pending, (await _scenario.SendAsync("a")).Progress.Status);
        Assert.False((await _scenario.Grain.GetAsync()).Value!.Connection!.IsOnline);
    }

    [Fact]
    public async Task NotSubscribed_GoesOutAfterTheSubscribe()
    {
        await _scenario.OpenAsync();
        Gateway.OnDeliver = static request => Task.FromResult(FakeGateway.All(request, DeliveryOutcome.NotSubscribed));
        await _scenario.SendAsync("a");
        Gateway.OnDeliver = static request => Task.FromResult(FakeGateway.All(request, DeliveryOutcome.Written));
        await _scenario.Grain.SubscribedAsync(DeviceScenario.Connection(1));
        Assert.Equal(MessageStatus.Sent, await _scenario.StatusAsync("a"));
    }

    [Fact]
    public async Task Acknowledgement_EndsTheMessageDurably()
    {
        await _scenario.OpenAsync();
        await _scenario.SendAsync("a");
        await _scenario.AcknowledgeAsync("a");
        Assert.Equal(MessageStatus.Delivered, await _scenario.StatusAsync("a"));
        Assert.Equal(MessageStatus.Delivered, Store[DeviceScenario.Device, "a"]!.Progress.Status);
    }

    // Its gateway repeats it until then, and keeps the device from a second copy.
    [Fact]
    public async Task Acknowledgement_IsAnswered_OnceItIsStored_HoweverOftenItComes()
    {
        await _scenario.OpenAsync();
        await _scenario.SendAsync("a");
        await _scenario.SendAsync("b");
        var failure = new TaskCompletionSource();
        Store.OnUpdate = _ => failure.Task;
        var first = _scenario.AcknowledgeAsync("a");
        Store.OnUpdate = static _ => Task.CompletedTask;
        var other = _scenario.AcknowledgeAsync("b");
        var again = _scenario.AcknowledgeAsync("a");
        await Patience.UntilAsync(() => Store[DeviceScenario.Device, "b"]!.Progress.Status == MessageStatus.Delivered);
        Assert.NotEqual(MessageStatus.Delivered, Store[DeviceScenario.Device, "a"]!.Progress.Status);
        Assert.False(first.IsCompleted || again.IsCompleted);

        await FailStoringAsync(failure);
        await Task.WhenAll(first, again, other).InTimeAsync();
        Assert.Equal(MessageStatus.Delivered, Store[DeviceScenario.Device, "a"]!.Progress.Status);
    }

    [Fact]
    public async Task Acknowledgement_WhileTheDeliveryIsUnderWay_Counts()
    {
        await _scenario.OpenAsync();
        var report = new TaskCompletionSource<DeliverReply>();
        Gateway.OnDeliver = _ => report.Task;
        var sending = _scenario.SendAsync("a");
        await Patience.UntilAsync(() => !Gateway.Requests.IsEmpty);
        var acknowledging = _scenario.AcknowledgeAsync("a");
        Assert.Equal(RefusalCode.NotFound, (await _scenario.Grain.GetMessageAsync("none")).Refusal!.Code);

        report.SetResult(new DeliverReply([DeliveryOutcome.Written]));
        await acknowledging.InTimeAsync();
        Assert.Equal((MessageStatus.Delivered, 1), ((await sending.InTimeAsync()).Progress.Status, (await sending).Progress.Attempts));
        Assert.Single(Gateway.Requests);
    }

    [Fact]
    public async Task Send_WhileADeliveryIsUnderWay_GoesOutBehindIt()
    {
        await _scenario.OpenAsync();
        var report = new TaskCompletionSource<DeliverReply>();
        Gateway.OnDeliver = _ => report.Task;
        var first = _scenario.SendAsync("a");
        await Patience.UntilAsync(() => !Gateway.Requests.IsEmpty);
        Gateway.OnDeliver = static request => Task.FromResult(FakeGateway.All(request, DeliveryOutcome.Written));
        var second = _scenario.SendAsync("b");
        Assert.Single(Gateway.Requests);

        report.SetResult(new DeliverReply([DeliveryOutcome.Written]));
        await Task.WhenAll(first, second).InTimeAsync();
        Assert.Equal(["a", "b"], Gateway.DeliveredIds);
    }

    [Fact]
    public async Task Unacknowledged_IsSentAgainWithDup_ByTheTimer()
    {
        await _scenario.OpenAsync();
        await _scenario.SendAsync("a");
        var interval = _scenario.Host.MessageOptions.ResendInterval;
        for (var copies = 2; copies <= 4; copies++)
        {
            // The grain waits again once it has its gateway's answer, which is later than the gateway has the message.
            await Patience.UntilAsync(() => _scenario.Host.Time.TimersDueIn(interval) == 1);
            _scenario.Host.Time.Advance(interval);
            await Patience.UntilAsync(() => Gateway.Requests.Count == copies);
        }

        Assert.Equal([false, true, true, true], Gateway.Requests.SelectMany(static r => r.Deliveries).Select(static d => d.IsDuplicate));
    }

    [Fact]
    public async Task Reconnect_SendsAgainWhatIsUnacknowledged()
    {
        await _scenario.OpenAsync(1, DeviceProtocol.Mqtt500);
        await _scenario.SendAsync("a");
        await _scenario.Grain.DetachAsync(DeviceScenario.Connection(1));
        await _scenario.OpenAsync(2, DeviceProtocol.Mqtt500);
        Assert.Equal([1L, 2L], Gateway.Requests.Select(static r => r.ConnectionId));
        Assert.True(Gateway.Requests.Last().Deliveries[0].IsDuplicate);
    }

    [Fact]
    public async Task Takeover_WhileADeliveryIsUnderWay_SendsItAgainOnTheNewConnection()
    {
        await _scenario.OpenAsync(1);
        var report = new TaskCompletionSource<DeliverReply>();
        Gateway.OnDeliver = request => request.ConnectionId == 1 ? report.Task : Task.FromResult(FakeGateway.All(request, DeliveryOutcome.Written));
        var sending = _scenario.SendAsync("a");
        await Patience.UntilAsync(() => !Gateway.Requests.IsEmpty);
        Assert.True((await _scenario.AttachAsync(2)).HasWaiting);
        var opening = _scenario.Grain.OpenAsync(DeviceScenario.Connection(2));

        report.SetResult(new DeliverReply([DeliveryOutcome.Written]));
        await Task.WhenAll(sending, opening).InTimeAsync();
        Assert.Equal([1L, 2L], Gateway.Requests.Select(static r => r.ConnectionId));
        Assert.Equal(MessageStatus.Sent, await _scenario.StatusAsync("a"));
    }

    [Fact]
    public async Task RepeatedSend_IsAnsweredWithTheFirst()
    {
        var first = await _scenario.SendAsync("a");
        Assert.Equal(first, await _scenario.SendAsync("a"));
        Assert.Equal(1, Store.Count);
    }

    [Fact]
    public async Task RepeatedSend_OfAnEndedMessage_IsAnsweredWithIt()
    {
        await _scenario.OpenAsync();
        await _scenario.SendAsync("a", qos: 0);
        Assert.Equal(MessageStatus.Delivered, (await _scenario.SendAsync("a", qos: 0)).Progress.Status);
        Assert.Single(Gateway.Requests);
    }

    [Fact]
    public async Task RepeatedSend_WithOtherContent_IsRefused()
    {
        await _scenario.SendAsync("a");
        Assert.Equal(RefusalCode.AlreadyExists, (await _scenario.TrySendAsync("a", content: 2)).Refusal!.Code);
        Assert.Equal([1], Store[DeviceScenario.Device, "a"]!.Payload.ToArray());
    }

    [Fact]
    public async Task RepeatedSend_WhileTheFirstIsBeingStored_WaitsForIt()
    {
        var stored = new TaskCompletionSource();
        Store.OnAppend = _ => stored.Task;
        var first = _scenario.SendAsync("a");
        var second = _scenario.SendAsync("a");
        Assert.False(second.IsCompleted);
        stored.SetResult();
        Assert.Equal(await first.InTimeAsync(), await second.InTimeAsync());
        Assert.Equal(1, Store.Count);
    }

    // The message is delivered and gone from the grain; each repetition finds that out from the store, one after the other.
    [Fact]
    public async Task RepeatedSends_OfAnEndedMessage_AreAllAnsweredWithIt()
    {
        await _scenario.OpenAsync();
        var first = await _scenario.SendAsync("a");
        await _scenario.AcknowledgeAsync("a");
        var gate = new TaskCompletionSource();

        // The next one comes in while the store is asked for the one before it.
        Store.OnFind = static async () => await Task.Yield();
        Store.OnAppend = async _ =>
        {
            await gate.Task;
            await Task.Yield();
        };
        var repeating = new List<Task<DeviceMessage>>();
        for (var i = 0; i < 5; i++)
        {
            _scenario.Host.Time.Advance(TimeSpan.FromMilliseconds(1));
            repeating.Add(_scenario.SendAsync("a"));
        }

        gate.SetResult();
        Assert.All(await Task.WhenAll(repeating).InTimeAsync(), message => Assert.Equal((first.CreatedAt, first.Sequence), (message.CreatedAt, message.Sequence)));
        Assert.Single(Gateway.Requests);
    }

    [Fact]
    public async Task RepeatedSend_WhenTheFirstCouldNotBeStored_IsAnsweredOnlyOnceItIsDurable()
    {
        var stored = new TaskCompletionSource();
        Store.OnAppend = _ => stored.Task;
        var first = _scenario.SendAsync("a");
        var second = _scenario.SendAsync("a");
        Store.OnAppend = static _ => Task.CompletedTask;
        stored.SetException(new IOException("The disk is full."));

        await Assert.ThrowsAsync<IOException>(() => first);
        await second.InTimeAsync();
        Assert.NotNull(Store[DeviceScenario.Device, "a"]);
    }

    [Fact]
    public async Task Send_WhenTheStoreFails_FailsAndLeavesNothing()
    {
        await _scenario.OpenAsync();
        Store.OnAppend = static _ => throw new IOException("The disk is full.");
        await Assert.ThrowsAsync<IOException>(() => _scenario.SendAsync("a"));
        Assert.Empty(Gateway.Requests);
        Assert.Equal(RefusalCode.NotFound, (await _scenario.Grain.GetMessageAsync("a")).Refusal!.Code);

        Store.OnAppend = static _ => Task.CompletedTask;
        Assert.Equal(MessageStatus.Sent, (await _scenario.SendAsync("a")).Progress.Status);
    }

    [Fact]
    public async Task Message_WithoutAnIdOfItsCaller_GoesOutWhileItIsStored_AndIsAnsweredWhenItIs()
    {
        await _scenario.OpenAsync();
        var stored = new TaskCompletionSource();
        Store.OnAppend = _ => stored.Task;
        var sending = _scenario.SendAsync(null);
        await Patience.UntilAsync(() => Gateway.DeliveredIds.Length > 0);
        var messageId = Assert.Single(Gateway.DeliveredIds);
        var acknowledging = _scenario.AcknowledgeAsync(messageId);
        await _scenario.Grain.GetAsync();
        Assert.False(sending.IsCompleted || acknowledging.IsCompleted);
        Assert.Equal(0, Store.Count);

        stored.SetResult();
        await acknowledging.InTimeAsync();
        Assert.Equal((messageId, MessageStatus.Delivered), ((await sending.InTimeAsync()).MessageId, (await sending).Progress.Status));
        Assert.Equal(MessageStatus.Delivered, Store[DeviceScenario.Device, messageId]!.Progress.Status);
        Assert.Equal(MessageStatus.Delivered, await _scenario.StatusAsync(messageId));
        Assert.Single(Gateway.Requests);
    }

    // It may be a repetition of one that the device has had.
    [Fact]
    public async Task Message_WithAnIdOfItsCaller_WaitsUntilItIsStored_AndHoldsUpThoseBehindIt()
    {
        await _scenario.OpenAsync();
        var stored = new TaskCompletionSource();
        Store.OnAppend = message => message.MessageId == "a" ? stored.Task : Task.CompletedTask;
        var first = _scenario.SendAsync("a");
        var second = _scenario.SendAsync(null);
        await _scenario.Grain.GetAsync();
        Assert.Empty(Gateway.Requests);

        stored.SetResult();
        await first.InTimeAsync();
        Assert.Equal(["a", (await second.InTimeAsync()).MessageId], Gateway.DeliveredIds);
    }

    [Fact]
    public async Task Message_ThatWentOutAndCouldNotBeStored_IsRefusedAndForgotten()
    {
        await _scenario.OpenAsync();
        var stored = new TaskCompletionSource();
        Store.OnAppend = _ => stored.Task;
        var sending = _scenario.SendAsync(null);
        await Patience.UntilAsync(() => Gateway.DeliveredIds.Length > 0);
        var messageId = Assert.Single(Gateway.DeliveredIds);
        await FailStoringAsync(stored);
        await Assert.ThrowsAsync<IOException>(() => sending);

        await _scenario.AcknowledgeAsync(messageId).InTimeAsync();
        _scenario.Host.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(RefusalCode.NotFound, (await _scenario.Grain.GetMessageAsync(messageId)).Refusal!.Code);
        Assert.Single(Gateway.Requests);
        Assert.Equal(0, Store.Count);
    }

    [Fact]
    public async Task Message_ThatWentOutAndIsStoredThoughItsCallerWasToldOtherwise_HasFailed()
    {
        await _scenario.OpenAsync();
        var stored = new TaskCompletionSource();
        Store.OnAppend = _ => stored.Task;
        Store.AfterAppend = static _ => throw new StoreUnavailableException("The store did not answer in time.");
        var sending = _scenario.SendAsync(null);
        await Patience.UntilAsync(() => Gateway.DeliveredIds.Length > 0);
        var messageId = Assert.Single(Gateway.DeliveredIds);
        await FailAndTryAgainAsync(stored.SetResult);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => sending);

        await Patience.UntilAsync(() => Store[DeviceScenario.Device, messageId]!.Progress.IsFinal);
        await _scenario.AcknowledgeAsync(messageId);
        var progress = Store[DeviceScenario.Device, messageId]!.Progress;
        Assert.Equal((MessageStatus.Failed, "It could not be stored in time."), (progress.Status, progress.Reason));
        Assert.Equal(_scenario.Host.Time.GetUtcNow(), progress.AcknowledgedLateAt);
        _scenario.Host.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Single(Gateway.Requests);
    }

    // Its caller is about to be told that it is not stored, and to send another.
    [Fact]
    public async Task Message_WhileTheStoreIsAway_WaitsForIt()
    {
        await _scenario.OpenAsync();
        Store.IsAway = true;
        var stored = new TaskCompletionSource();
        Store.OnAppend = _ => stored.Task;
        var sending = _scenario.SendAsync(null);
        await _scenario.Grain.GetAsync();
        Assert.Empty(Gateway.Requests);

        stored.SetResult();
        await sending.InTimeAsync();
        Assert.Single(Gateway.Requests);
    }

    [Fact]
    public async Task Sends_BehindAMessageFromAClockThatIsAhead_HaveGrowingPlaces_ThoughTheyEnd()
    {
        var waiting = await _scenario.SendAsync("a");
        await using var later = new DeviceScenario(new GrainHost(_scenario.Host));
        later.Host.Time.SetUtcNow(later.Host.Time.GetUtcNow() - TimeSpan.FromMinutes(1));

        var first = await later.SendAsync("b");
        await later.Grain.CancelMessageAsync("b");
        var second = await later.SendAsync("c");

        Assert.True(waiting.Sequence < first.Sequence && first.Sequence < second.Sequence, $"{waiting.Sequence}, {first.Sequence}, {second.Sequence}");
    }

    // [MQTT-3.3.1-1] The grain was lost before it could note that it had sent the message; the connection is the one that it was sent on.
    [Fact]
    public async Task Message_OnAConnectionThatIsAttachedAgain_MayBeADuplicate()
    {
        await _scenario.SendAsync("a");
        var order = (await _scenario.AttachAsync()).Order;
        await using var later = new DeviceScenario(new GrainHost(_scenario.Host));

        await later.AttachAsync(order: order);
        await later.Grain.OpenAsync(DeviceScenario.Connection(1));
        await later.SendAsync("b");

        Assert.Equal([("a", true), ("b", false)], later.Gateway.Requests.SelectMany(static r => r.Deliveries).Select(static d => (d.MessageId, d.IsDuplicate)));
    }

    [Fact]
    public async Task Message_OnANewConnectionOfAFreshGrain_IsNoDuplicate()
    {
        await _scenario.SendAsync("a");
        await using var later = new DeviceScenario(new GrainHost(_scenario.Host));

        await later.OpenAsync();

        Assert.False(Assert.Single(Assert.Single(later.Gateway.Requests).Deliveries).IsDuplicate);
    }

    // [MQTT-3.3.1-1] The process was lost before it could note that it had sent the message. The session is kept, and goes on.
    [Fact]
    public async Task Message_OfASessionThatGoesOnAfterALoss_MayBeADuplicate()
    {
        var wish = new SessionWish(IsCleanStart: false, TimeSpan.FromHours(1), new SessionBounds(100, 10_000, DropsOldest: false), Will: null);
        await _scenario.AttachAsync(session: wish);
        await _scenario.SendAsync("a");
        await using var later = new DeviceScenario(new GrainHost(_scenario.Host));

        Assert.True((await later.AttachAsync(2, session: wish)).Session!.IsPresent);
        await later.Grain.OpenAsync(DeviceScenario.Connection(2));
        await later.SendAsync("b");

        Assert.Equal([("a", true), ("b", false)], later.Gateway.Requests.SelectMany(static r => r.Deliveries).Select(static d => (d.MessageId, d.IsDuplicate)));
    }

    // [MQTT-3.3.1-1] The first connection's gateway has written it, and says so to nobody who listens.
    [Fact]
    public async Task Message_OfASessionThatIsTakenOverWhileItIsWritten_MayBeADuplicate()
    {
        var wish = new SessionWish(IsCleanStart: false, TimeSpan.FromHours(1), new SessionBounds(100, 10_000, DropsOldest: false), Will: null);
        await _scenario.AttachAsync(1, session: wish);
        var report = new TaskCompletionSource<DeliverReply>();
        Gateway.OnDeliver = request => request.ConnectionId == 1 ? report.Task : Task.FromResult(FakeGateway.All(request, DeliveryOutcome.Written));
        var sending = _scenario.SendAsync("a");
        await Patience.UntilAsync(() => !Gateway.Requests.IsEmpty);
        Assert.True((await _scenario.AttachAsync(2, session: wish)).Session!.IsPresent);
        var opening = _scenario.Grain.OpenAsync(DeviceScenario.Connection(2));

        report.SetResult(new DeliverReply([DeliveryOutcome.Written]));
        await Task.WhenAll(sending, opening).InTimeAsync();
        Assert.Equal([(1L, false), (2L, true)], Gateway.Requests.Select(static r => (r.ConnectionId, r.Deliveries[0].IsDuplicate)));
    }

    // The store could not say whether it was written, and it was: the caller repeats it, as he is told to.
    [Fact]
    public async Task RepeatedSend_WhenTheFirstWasStoredAfterAll_GoesOut()
    {
        await _scenario.OpenAsync();
        Store.AfterAppend = static _ => throw new StoreUnavailableException("The answer was lost.");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _scenario.SendAsync("a"));
        Store.AfterAppend = static _ => { };
        await _scenario.SendAsync("b");
        Assert.Equal(["b"], Gateway.DeliveredIds);

        Assert.Equal(MessageStatus.Sent, (await _scenario.SendAsync("a")).Progress.Status);

        Assert.Equal(["b", "a"], Gateway.DeliveredIds);
        await _scenario.AcknowledgeAsync("a");
        Assert.Equal(MessageStatus.Delivered, await _scenario.StatusAsync("a"));
    }

    [Fact]
    public async Task RepeatedSend_WithOtherContent_WhenTheFirstWasStoredAfterAll_IsRefusedAndTheFirstGoesOut()
    {
        await _scenario.OpenAsync();
        Store.AfterAppend = static _ => throw new StoreUnavailableException("The answer was lost.");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _scenario.SendAsync("a"));
        Store.AfterAppend = static _ => { };

        Assert.Equal(RefusalCode.AlreadyExists, (await _scenario.TrySendAsync("a", content: 2)).Refusal!.Code);

        Assert.Equal(["a"], Gateway.DeliveredIds);
    }

    // Nobody repeats it: then its time ends it, or who asks for it.
    [Theory]
    [InlineData(true, MessageStatus.TimedOut)]
    [InlineData(false, MessageStatus.Failed)]
    public async Task Message_StoredAfterAll_ThoughItsCallerWasTold_Ends(bool isExpired, MessageStatus end)
    {
        await _scenario.OpenAsync();
        Store.AfterAppend = static _ => throw new StoreUnavailableException("The answer was lost.");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _scenario.SendAsync("a", timeToLive: TimeSpan.FromSeconds(10)));
        Store.AfterAppend = static _ => { };
        Assert.Equal(MessageStatus.Pending, await _scenario.StatusAsync("a"));

        if (isExpired)
        {
            _scenario.Host.Time.Advance(TimeSpan.FromSeconds(10));
            await _scenario.Grain.ExpireMessagesAsync();
        }
        else
        {
            Assert.Equal(end, (await _scenario.Grain.CancelMessageAsync("a")).Value!.Progress.Status);
        }

        Assert.Equal(end, Store[DeviceScenario.Device, "a"]!.Progress.Status);
        Assert.Empty(Gateway.Requests);
    }

    [Fact]
    public async Task Send_WhenTheOneBeforeItCouldNotBeStored_GoesOutAllTheSame()
    {
        await _scenario.OpenAsync();
        var stored = new TaskCompletionSource();
        Store.OnAppend = message => message.MessageId == "a" ? stored.Task : Task.CompletedTask;
        var first = _scenario.SendAsync("a");
        await _scenario.SendAsync("b").InTimeAsync();
        Assert.Empty(Gateway.Requests);

        stored.SetException(new IOException("The disk is full."));
        await Assert.ThrowsAsync<IOException>(() => first);
        Assert.Equal(["b"], Gateway.DeliveredIds);
    }

    [Fact]
    public async Task Progress_WhenTheStoreFails_IsStoredLater()
    {
        await _scenario.OpenAsync();
        var tries = 0;
        Store.OnUpdate = _ => ++tries == 1 ? throw new IOException("The disk is full.") : Task.CompletedTask;
        await _scenario.SendAsync("a");
        await Patience.UntilAsync(() => tries == 1);
        Assert.Equal(MessageStatus.Pending, Store[DeviceScenario.Device, "a"]!.Progress.Status);
        _scenario.Host.Time.Advance(TimeSpan.FromSeconds(1));
        await Patience.UntilAsync(() => Store[DeviceScenario.Device, "a"]!.Progress.Status == MessageStatus.Sent);
    }

    // Otherwise its gateway would forget it, and a grain that is lost now would send the message again.
    [Fact]
    public async Task Acknowledgement_OfAMessageWhoseLastChangeIsTriedAgain_IsAnsweredOnceItIsStored()
    {
        await _scenario.OpenAsync();
        var failure = new TaskCompletionSource();
        Store.OnUpdate = _ => failure.Task;
        await _scenario.SendAsync("a");
        await WaitForRetryAsync(() => failure.SetException(new IOException("The store is away.")));

        Store.OnUpdate = static _ => Task.CompletedTask;
        var acknowledging = _scenario.AcknowledgeAsync("a");
        await _scenario.Grain.GetAsync();
        Assert.False(acknowledging.IsCompleted);

        _scenario.Host.Time.Advance(_scenario.Host.MessageOptions.FullRetryInterval);
        await acknowledging.InTimeAsync();
        Assert.Equal(MessageStatus.Delivered, Store[DeviceScenario.Device, "a"]!.Progress.Status);
    }

    // Sent, and then acknowledged: both changes are on their way when the store goes away.
    [Fact]
    public async Task Progress_WhenTwoChangesOfAMessageFailTogether_TheLastIsStoredLater()
    {
        await _scenario.OpenAsync();
        var failure = new TaskCompletionSource();
        Store.OnUpdate = _ => failure.Task;
        await _scenario.SendAsync("a");
        var acknowledging = _scenario.AcknowledgeAsync("a");
        var triedAgain = new List<MessageProgress?>();
        Store.OnUpdate = progress =>
        {
            triedAgain.Add(progress);
            return Task.CompletedTask;
        };
        await FailStoringAsync(failure);
        await acknowledging.InTimeAsync();
        _scenario.Host.Time.Advance(TimeSpan.FromSeconds(2));

        // Where one failure comes after the other has been tried again, both are: of the two, the store keeps what is final.
        Assert.InRange(triedAgain.Count, 1, 2);
        Assert.Contains(triedAgain, static progress => progress!.Status == MessageStatus.Delivered);
    }

    /// <summary>What is being stored fails, and is tried again.</summary>
    private Task FailStoringAsync(TaskCompletionSource storing) => FailAndTryAgainAsync(() => storing.SetException(new IOException("The store is away.")));

    private async Task FailAndTryAgainAsync(Action fail)
    {
        await WaitForRetryAsync(fail);
        _scenario.Host.Time.Advance(_scenario.Host.MessageOptions.FullRetryInterval);
    }

    /// <summary>What is being stored fails, and waits until it is tried again.</summary>
    private async Task WaitForRetryAsync(Action fail)
    {
        var interval = _scenario.Host.MessageOptions.FullRetryInterval;
        var before = _scenario.Host.Time.TimersDueIn(interval);
        fail();
        await Patience.UntilAsync(() => _scenario.Host.Time.TimersDueIn(interval) > before);
    }

    public static TheoryData<Exception> GatewayFailures() =>
        [new TimeoutException(), new SiloUnavailableException("gone"), new InvalidOperationException("a fault of the gateway")];

    [Theory]
    [MemberData(nameof(GatewayFailures), DisableDiscoveryEnumeration = true)]
    public async Task Delivery_WhenTheGatewayThrows_IsTriedAgain(Exception failure)
    {
        await _scenario.OpenAsync();
        Gateway.OnDeliver = _ => throw failure;
        Assert.Equal(MessageStatus.Pending, (await _scenario.SendAsync("a")).Progress.Status);

        Gateway.OnDeliver = static request => Task.FromResult(FakeGateway.All(request, DeliveryOutcome.Written));
        _scenario.Host.Time.Advance(TimeSpan.FromSeconds(1));
        await Patience.UntilAsync(() => Gateway.Requests.Count == 2);
        await Patience.UntilAsync(() => Store[DeviceScenario.Device, "a"]!.Progress.Status == MessageStatus.Sent);
    }

    [Fact]
    public async Task Uncached_WhileOffline_FailsDurably()
    {
        Assert.Equal(MessageStatus.Failed, (await _scenario.SendAsync("a", timeToLive: TimeSpan.Zero)).Progress.Status);
        Assert.Equal(MessageStatus.Failed, await _scenario.StatusAsync("a"));
    }

    // Who is told that a message has ended is told so for good: a crash must not bring it back.
    [Theory]
    [InlineData(0, true, MessageStatus.Delivered)]
    [InlineData(1, false, MessageStatus.Failed)]
    public async Task Send_OfWhatEndsAtOnce_IsAnsweredWhenThatIsStored(int qos, bool isOnline, MessageStatus end)
    {
        if (isOnline)
        {
            await _scenario.OpenAsync();
        }

        var storing = new TaskCompletionSource();
        Store.OnUpdate = _ => storing.Task;
        var sending = _scenario.SendAsync("a", qos: qos, timeToLive: TimeSpan.Zero);
        await Patience.UntilAsync(() => Store[DeviceScenario.Device, "a"] is not null);
        await _scenario.Grain.GetAsync();
        Assert.False(sending.IsCompleted);

        storing.SetResult();
        Assert.Equal(end, (await sending.InTimeAsync()).Progress.Status);
        Assert.Equal(end, Store[DeviceScenario.Device, "a"]!.Progress.Status);
    }

    [Fact]
    public async Task Send_ToADisabledDevice_IsRefused()
    {
        await _scenario.Grain.SetEnabledAsync(false);
        Assert.Equal(RefusalCode.FailedPrecondition, (await _scenario.TrySendAsync("a")).Refusal!.Code);
        Assert.Equal(0, Store.Count);
    }

    [Fact]
    public async Task Send_ToAnUnknownDevice_IsRefused_UnlessItIsConnected()
    {
        var other = _scenario.Host.Engine.GetGrain<IDeviceGrain>(new DeviceId("anonymous", "x").GrainKey);
        var message = new SendDeviceMessage("a", "", new byte[] { 1 }, null, 1, TimeSpan.FromDays(1));
        Assert.Equal(RefusalCode.NotFound, (await other.SendAsync(message)).Refusal!.Code);

        await _scenario.AttachAsync(5, CredentialKind.Anonymous, grain: other);
        Assert.Equal(MessageStatus.Sent, (await other.SendAsync(message)).Value!.Progress.Status);
    }

    [Fact]
    public async Task Send_BeyondTheBound_IsRefusedAndStoresNothing()
    {
        _scenario.Host.MessageOptions.OpenPerDeviceMax = 2;
        await _scenario.SendAsync("a");
        await _scenario.SendAsync("b");
        Assert.Equal(RefusalCode.ResourceExhausted, (await _scenario.TrySendAsync("c")).Refusal!.Code);
        Assert.Equal(2, Store.Count);

        // A repeated call is answered even then.
        Assert.Equal("a", (await _scenario.SendAsync("a")).MessageId);
    }

    [Fact]
    public async Task RepeatedSend_OfAnEndedMessage_IsAnsweredEvenWhereNoMoreMayWait()
    {
        _scenario.Host.MessageOptions.OpenPerDeviceMax = 1;
        await _scenario.SendAsync("a");
        await _scenario.Grain.CancelMessageAsync("a");
        await _scenario.SendAsync("b");

        Assert.Equal(MessageStatus.Failed, (await _scenario.SendAsync("a")).Progress.Status);
        Assert.Equal(RefusalCode.AlreadyExists, (await _scenario.TrySendAsync("a", content: 2)).Refusal!.Code);
    }

    [Fact]
    public async Task Send_BeyondTheBound_WhereTheOldestIsDropped_EndsThatAsFailed()
    {
        (_scenario.Host.MessageOptions.OpenPerDeviceMax, _scenario.Host.MessageOptions.WhenFull) = (2, MailboxFullAction.DropOldest);
        foreach (var id in new[] { "a", "b", "c" })
        {
            await _scenario.SendAsync(id);
        }

        Assert.Equal(MessageStatus.Failed, await _scenario.StatusAsync("a"));
        await _scenario.OpenAsync();
        Assert.Equal(["b", "c"], Gateway.DeliveredIds);
    }

    // The one whose place it would take goes out in the meantime.
    [Fact]
    public async Task Send_InThePlaceOfTheOldest_WaitsUntilThatIsDropped()
    {
        (_scenario.Host.MessageOptions.OpenPerDeviceMax, _scenario.Host.MessageOptions.WhenFull) = (1, MailboxFullAction.DropOldest);
        await _scenario.SendAsync("a");
        var stored = new TaskCompletionSource();
        Store.OnAppend = _ => stored.Task;
        var sending = _scenario.SendAsync(null);
        await _scenario.OpenAsync();
        Assert.Equal(["a"], Gateway.DeliveredIds);

        stored.SetResult();
        Assert.Equal(MessageStatus.Failed, (await sending.InTimeAsync()).Progress.Status);
        Assert.Equal(["a"], Gateway.DeliveredIds);
        Assert.Equal(MessageStatus.Sent, await _scenario.StatusAsync("a"));
    }

    [Fact]
    public async Task Send_GoesByTheProductsPolicy_AndByAChangedOneLater()
    {
        var product = new ProductView("p", "", IsEnabled: true, IsRegistrationOpen: false, _scenario.Host.Time.GetUtcNow(), [], MessagePolicy.Default with { OpenMax = 1 });
        _scenario.Host.Registry.Add(product);
        await _scenario.SendAsync("a");
        Assert.Equal(RefusalCode.ResourceExhausted, (await _scenario.TrySendAsync("b")).Refusal!.Code);

        await _scenario.Host.Registry.SetMessagePolicyAsync("p", null);
        _scenario.Host.Time.Advance(ProductRules.Freshness);

        // The old one counts until the new one has been read.
        await Patience.UntilAsync(async () => (await _scenario.TrySendAsync("b")).Refusal is null);
    }

    [Fact]
    public async Task Cancel_OfWhatWaits_EndsIt_AndItIsNotDelivered()
    {
        await _scenario.SendAsync("a");
        await _scenario.SendAsync("b");
        var cancelled = (await _scenario.Grain.CancelMessageAsync("a")).Value!;
        Assert.Equal((MessageStatus.Failed, "Cancelled."), (cancelled.Progress.Status, cancelled.Progress.Reason));
        Assert.Equal(MessageStatus.Failed, Store[DeviceScenario.Device, "a"]!.Progress.Status);

        await _scenario.OpenAsync();
        Assert.Equal(["b"], Gateway.DeliveredIds);
        Assert.Equal(RefusalCode.FailedPrecondition, (await _scenario.Grain.CancelMessageAsync("a")).Refusal!.Code);
        Assert.Equal(RefusalCode.NotFound, (await _scenario.Grain.CancelMessageAsync("x")).Refusal!.Code);
    }

    [Fact]
    public async Task Cancel_OfWhatIsBeingStored_WaitsForThat()
    {
        var storing = new TaskCompletionSource();
        Store.OnAppend = _ => storing.Task;
        var sending = _scenario.SendAsync("a");
        var cancelling = _scenario.Grain.CancelMessageAsync("a");
        Assert.False(cancelling.IsCompleted);

        storing.SetResult();
        await sending.InTimeAsync();
        Assert.Equal(MessageStatus.Failed, (await cancelling.InTimeAsync()).Value!.Progress.Status);
    }

    // It comes, and ends, while the cancel waits for an earlier end and then asks the store.
    [Fact]
    public async Task Cancel_OfWhatComesAndEndsMeanwhile_IsRefused()
    {
        var (ends, stored) = (new TaskCompletionSource(), new TaskCompletionSource());
        Store.OnUpdate = _ => ends.Task;
        var earlier = _scenario.SendAsync("a", timeToLive: TimeSpan.Zero);
        await Patience.UntilAsync(() => Store[DeviceScenario.Device, "a"] is not null);
        var cancelling = _scenario.Grain.CancelMessageAsync("b");
        await _scenario.Grain.GetAsync();

        Store.OnUpdate = _ => stored.Task;
        var sending = _scenario.SendAsync("b", timeToLive: TimeSpan.Zero);
        await Patience.UntilAsync(() => Store[DeviceScenario.Device, "b"] is not null);
        await _scenario.Grain.GetAsync();
        ends.SetResult();
        await earlier.InTimeAsync();
        stored.SetResult();
        Assert.Equal("The device is offline.", (await sending.InTimeAsync()).Progress.Reason);
        Assert.Equal(RefusalCode.FailedPrecondition, (await cancelling.InTimeAsync()).Refusal?.Code);
    }

    [Fact]
    public async Task Cancel_IsAnsweredWhenItIsStored()
    {
        await _scenario.SendAsync("a");
        var storing = new TaskCompletionSource();
        Store.OnUpdate = _ => storing.Task;
        var cancelling = _scenario.Grain.CancelMessageAsync("a");
        await _scenario.Grain.GetAsync();
        Assert.False(cancelling.IsCompleted);

        storing.SetResult();
        await cancelling.InTimeAsync();
    }

    [Fact]
    public async Task Purge_EndsEverything_AndMakesRoom()
    {
        _scenario.Host.MessageOptions.OpenPerDeviceMax = 2;
        await _scenario.SendAsync("a");
        await _scenario.SendAsync("b");
        Assert.Equal(2, (await _scenario.Grain.PurgeMessagesAsync()).Value!.Count);
        Assert.Equal([MessageStatus.Failed, MessageStatus.Failed], [await _scenario.StatusAsync("a"), await _scenario.StatusAsync("b")]);
        await _scenario.SendAsync("c");
        var unknown = _scenario.Host.Engine.GetGrain<IDeviceGrain>(new DeviceId("p", "x").GrainKey);
        Assert.Equal(RefusalCode.NotFound, (await unknown.PurgeMessagesAsync()).Refusal!.Code);
    }

    [Fact]
    public async Task Acknowledgement_OfWhatHasTimedOut_IsNoted_AndResurrectsNothing()
    {
        await _scenario.OpenAsync(protocol: DeviceProtocol.Mqtt500);
        await _scenario.SendAsync("a", timeToLive: TimeSpan.FromSeconds(10));
        _scenario.Host.Time.Advance(TimeSpan.FromSeconds(11));
        await Patience.UntilAsync(async () => await _scenario.StatusAsync("a") == MessageStatus.TimedOut);

        await _scenario.AcknowledgeAsync("a");
        var late = (await _scenario.Grain.GetMessageAsync("a")).Value!.Progress;
        Assert.Equal((MessageStatus.TimedOut, _scenario.Host.Time.GetUtcNow()), (late.Status, late.AcknowledgedLateAt));
    }

    [Fact]
    public async Task Delete_ClosesTheConnectionAndFailsWhatWaits()
    {
        await _scenario.OpenAsync();
        await _scenario.SendAsync("a");
        Assert.NotNull((await _scenario.Grain.DeleteAsync()).Value);
        Assert.Equal([new CloseRequest(1, CloseReason.NotAuthorized)], Gateway.Closes);
        Assert.Equal(MessageStatus.Failed, Store[DeviceScenario.Device, "a"]!.Progress.Status);
        Assert.Null(_scenario.Host.Registry[DeviceScenario.Device]);
        Assert.Equal(AttachOutcome.BadCredential, (await _scenario.AttachAsync(2)).Outcome);
    }

    [Fact]
    public async Task Delete_OfAnUnknownDevice_IsRefused()
    {
        await _scenario.Grain.DeleteAsync();
        Assert.Equal(RefusalCode.NotFound, (await _scenario.Grain.DeleteAsync()).Refusal!.Code);
    }

    [Fact]
    public async Task Expire_EndsWhatHasExpired()
    {
        await _scenario.SendAsync("a", timeToLive: TimeSpan.FromSeconds(10));
        await _scenario.SendAsync("b");
        _scenario.Host.Time.Advance(TimeSpan.FromSeconds(10));
        await _scenario.Grain.ExpireMessagesAsync();
        Assert.Equal(MessageStatus.TimedOut, Store[DeviceScenario.Device, "a"]!.Progress.Status);
        Assert.Equal(MessageStatus.Pending, Store[DeviceScenario.Device, "b"]!.Progress.Status);
    }

    [Fact]
    public async Task FreshActivation_DeliversWhatAnEarlierOneAccepted()
    {
        await _scenario.SendAsync("a");
        await _scenario.SendAsync("b");
        await using var after = new DeviceScenario(new GrainHost(_scenario.Host));
        await after.OpenAsync();
        Assert.Equal(["a", "b"], after.Gateway.DeliveredIds);
    }

    [Fact]
    public async Task List_PagesNewestFirst()
    {
        for (var i = 0; i < 5; i++)
        {
            await _scenario.SendAsync($"m{i}");
        }

        var first = (await _scenario.Grain.ListMessagesAsync(new ListDeviceMessages(null, 3, null))).Value!;
        var second = (await _scenario.Grain.ListMessagesAsync(new ListDeviceMessages(null, 3, first.NextBeforeSequence))).Value!;
        Assert.Equal(["m4", "m3", "m2", "m1", "m0"], first.Messages.Concat(second.Messages).Select(static m => m.MessageId));
        Assert.NotNull(first.NextBeforeSequence);
        Assert.Null(second.NextBeforeSequence);
    }
}
