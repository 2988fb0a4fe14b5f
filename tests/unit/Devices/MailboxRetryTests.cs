using IotPlatform.Devices;
using IotPlatform.Gateways;

namespace IotPlatform.Unit.Tests.Devices;

/// <summary>When an unacknowledged message goes out again, and when it is given up.</summary>
public sealed class MailboxRetryTests
{
    private readonly MailboxScenario _scenario = new();

    [Fact]
    public void Series_WithMqtt311_IsThreeResendsTwoSecondsApart()
    {
        _scenario.Connect();
        var open = _scenario.Send("a");
        _scenario.RunUntil(600);
        Assert.Equal([0.0, 2.0, 4.0, 6.0], _scenario.TimesOf("a"));
        Assert.Equal((MessageStatus.Sent, 4, 0), (open.Progress.Status, open.Progress.Attempts, open.Progress.Rounds));
        Assert.Equal(MailboxScenario.Start, open.Progress.SentAt);
    }

    [Fact]
    public void Series_WhenOver_WaitsOnlyForItsTimeToLive()
    {
        _scenario.Connect();
        var open = _scenario.Send("a");
        _scenario.RunUntil(7);
        Assert.Equal(open.Message.ExpiresAt, _scenario.Mailbox.NextDueAt(_scenario.Now));
    }

    [Fact]
    public void Series_WhenAcknowledged_Stops()
    {
        _scenario.Connect();
        _scenario.Send("a");
        _scenario.RunUntil(3);
        _scenario.Acknowledge("a");
        _scenario.RunUntil(60);
        Assert.Equal([0.0, 2.0], _scenario.TimesOf("a"));
        Assert.Null(_scenario.Mailbox.NextDueAt(_scenario.Now));
    }

    [Fact]
    public void Rounds_AfterAReconnect_AreTenSecondsApartEachWithItsSeries_ThenTimeOut()
    {
        _scenario.Connect(1);
        var open = _scenario.Send("a");
        _scenario.RunUntil(7);
        _scenario.Mailbox.Disconnected();
        _scenario.MoveTo(100);
        _scenario.Connect(2);
        _scenario.Writes.Clear();
        _scenario.RunUntil(1_000);

        double[] expected = [.. Enumerable.Range(0, 5).SelectMany(static round => new[] { 0.0, 2.0, 4.0, 6.0 }.Select(t => 100 + (10 * round) + t))];
        Assert.Equal(expected, _scenario.TimesOf("a"));
        Assert.Equal((MessageStatus.TimedOut, 24, 5), (open.Progress.Status, open.Progress.Attempts, open.Progress.Rounds));
        Assert.Equal(MailboxScenario.Start.AddSeconds(148), open.Progress.FinishedAt);
        Assert.NotNull(open.Progress.Reason);
    }

    [Theory]
    [InlineData(DeviceProtocol.Mqtt311)]
    [InlineData(DeviceProtocol.Mqtt500)]
    public void Reattach_BeginsASeriesButNoRound(DeviceProtocol protocol)
    {
        _scenario.Connect(1, protocol);
        var open = _scenario.Send("a");
        _scenario.RunUntil(7);
        var attempts = open.Progress.Attempts;

        // A new activation has what the store has.
        var next = new MailboxScenario();
        next.Mailbox.Restore([open.Message]);
        next.MoveTo(100);
        next.Connect(1, protocol, isReattached: true);
        Assert.Equal(["a"], next.Write());
        Assert.Equal((attempts + 1, 0), (next.Mailbox.Find("a")!.Progress.Attempts, next.Mailbox.Find("a")!.Progress.Rounds));
        next.RunUntil(600);
        Assert.Equal(protocol == DeviceProtocol.Mqtt311 ? [100.0, 102, 104, 106] : [100.0], next.TimesOf("a"));
        Assert.Equal(MessageStatus.Sent, next.Mailbox.Find("a")!.Progress.Status);
    }

    [Fact]
    public void Reattach_OfAMessageWhoseRoundsAreUsedUp_SendsItOnceMore_AndBeginsNoRound()
    {
        var message = MailboxScenario.NewMessage("a", 1) with { Progress = new MessageProgress(MessageStatus.Sent, 24, 5, MailboxScenario.Start, null, null) };
        _scenario.Mailbox.Restore([message]);
        _scenario.Connect(1, isReattached: true);
        Assert.Equal(["a"], _scenario.Write());
        Assert.Equal(5, _scenario.Mailbox.Find("a")!.Progress.Rounds);
    }

    [Fact]
    public void Rounds_AfterASubscribe_BeginAtOnce()
    {
        _scenario.Connect();
        _scenario.Send("a");
        _scenario.RunUntil(60);
        _scenario.Mailbox.Subscribed();
        Assert.Equal(["a"], _scenario.Write());
        Assert.Equal(1, _scenario.Mailbox.Find("a")!.Progress.Rounds);
    }

    [Fact]
    public void Subscribe_DuringTheSeries_ChangesNothing()
    {
        _scenario.Connect();
        _scenario.Send("a");
        _scenario.RunUntil(3);
        _scenario.Mailbox.Subscribed();
        _scenario.RunUntil(60);
        Assert.Equal([0.0, 2.0, 4.0, 6.0], _scenario.TimesOf("a"));
    }

    [Fact]
    public void Reconnect_DuringTheSeries_BeginsARound()
    {
        _scenario.Connect(1);
        var open = _scenario.Send("a");
        _scenario.RunUntil(3);
        _scenario.Connect(2);
        _scenario.RunUntil(3.5);
        Assert.Equal([0.0, 2.0, 3.0], _scenario.TimesOf("a"));
        Assert.Equal(1, open.Progress.Rounds);
    }

    [Fact]
    public void Rounds_WhenUsedUp_EndAtTheNextReconnect()
    {
        var scenario = new MailboxScenario(new DeviceMessageOptions { RoundsMax = 2 });
        scenario.Connect(1);
        var open = scenario.Send("a");
        scenario.Write();
        for (var connection = 2; connection <= 3; connection++)
        {
            scenario.Connect(connection);
            Assert.Equal(["a"], scenario.Write());
        }

        scenario.Connect(4);
        Assert.Empty(scenario.Take());
        Assert.Equal((MessageStatus.TimedOut, 3), (open.Progress.Status, open.Progress.Attempts));
    }

    [Fact]
    public void Mqtt500_OnOneConnection_IsNeverSentTwice()
    {
        _scenario.Connect(1, DeviceProtocol.Mqtt500);
        var open = _scenario.Send("a");
        _scenario.RunUntil(100);
        _scenario.Mailbox.Subscribed();
        _scenario.RunUntil(1_000);
        Assert.Equal([0.0], _scenario.TimesOf("a"));
        Assert.Equal(MessageStatus.Sent, open.Progress.Status);
    }

    [Fact]
    public void Mqtt500_AtEachReconnect_IsSentOnce_ThenTimesOut()
    {
        _scenario.Connect(1, DeviceProtocol.Mqtt500);
        var open = _scenario.Send("a");
        _scenario.Write();
        for (var connection = 2; connection <= 7; connection++)
        {
            _scenario.Mailbox.Disconnected();
            _scenario.Connect(connection, DeviceProtocol.Mqtt500);
            _scenario.RunUntil(connection * 10);
        }

        Assert.Equal([0.0, 0.0, 20.0, 30.0, 40.0, 50.0], _scenario.TimesOf("a"));
        Assert.Equal((MessageStatus.TimedOut, 6, 5), (open.Progress.Status, open.Progress.Attempts, open.Progress.Rounds));
    }

    [Fact]
    public void Resends_FindNoRoomInTheWindowTooSmall_BecauseTheyAreInIt()
    {
        _scenario.Connect(receiveMaximum: 1);
        _scenario.Send("a");
        _scenario.Send("b");
        _scenario.RunUntil(100);
        Assert.Equal(4, _scenario.TimesOf("a").Length);
        Assert.Empty(_scenario.TimesOf("b"));
    }

    [Fact]
    public void TimeToLive_OfAWaitingMessage_EndsIt()
    {
        var open = _scenario.Send("a", timeToLive: TimeSpan.FromSeconds(5));
        _scenario.MoveTo(4.999);
        _scenario.Mailbox.Expire(_scenario.Now);
        Assert.Equal(MessageStatus.Pending, open.Progress.Status);
        _scenario.MoveTo(5);
        _scenario.Mailbox.Expire(_scenario.Now);
        Assert.Equal((MessageStatus.TimedOut, (DateTimeOffset?)_scenario.Now), (open.Progress.Status, open.Progress.FinishedAt));
    }

    [Fact]
    public void TimeToLive_OfAMessageInItsSeries_EndsIt()
    {
        _scenario.Connect();
        var open = _scenario.Send("a", timeToLive: TimeSpan.FromSeconds(3));
        _scenario.RunUntil(60);
        Assert.Equal([0.0, 2.0], _scenario.TimesOf("a"));
        Assert.Equal((MessageStatus.TimedOut, (DateTimeOffset?)MailboxScenario.Start.AddSeconds(3)), (open.Progress.Status, open.Progress.FinishedAt));
    }

    [Fact]
    public void TimeToLive_OfAMessageThatAwaitsItsSubscription_EndsIt()
    {
        _scenario.Connect();
        var open = _scenario.Send("a", timeToLive: TimeSpan.FromSeconds(3));
        _scenario.Write(DeliveryOutcome.NotSubscribed);
        Assert.Equal(MailboxScenario.Start.AddSeconds(3), _scenario.Mailbox.NextDueAt(_scenario.Now));
        _scenario.RunUntil(60);
        Assert.Equal(MessageStatus.TimedOut, open.Progress.Status);
    }

    [Fact]
    public void TimeToLive_OfAMessageBehindTheWindow_EndsIt()
    {
        _scenario.Connect(receiveMaximum: 1);
        _scenario.Send("a");
        var open = _scenario.Send("b", timeToLive: TimeSpan.FromSeconds(3));
        _scenario.RunUntil(3);
        Assert.Equal(MessageStatus.TimedOut, open.Progress.Status);
    }

    [Fact]
    public void TimeToLive_OfAMessageThatIsBeingStored_EndsItOnceItIsStored_AndDoesNotSpin()
    {
        _scenario.Connect();
        var open = _scenario.Accept("a", timeToLive: TimeSpan.FromSeconds(1));
        _scenario.MoveTo(2);
        Assert.Empty(_scenario.Take());
        Assert.False(_scenario.Mailbox.NextDueAt(_scenario.Now) <= _scenario.Now, "It is due in the past, but nothing can be done before it is stored.");

        _scenario.Mailbox.Stored(open);
        _scenario.Take();
        Assert.Equal(MessageStatus.TimedOut, open.Progress.Status);
    }

    [Fact]
    public void Uncached_WhenTheDeviceIsOffline_Fails()
    {
        var open = _scenario.Send("a", timeToLive: TimeSpan.Zero);
        _scenario.Mailbox.FailUncached(open, "The device is offline.", _scenario.Now);
        Assert.Equal((MessageStatus.Failed, "The device is offline."), (open.Progress.Status, open.Progress.Reason));
    }

    [Fact]
    public void Cached_WhenTheDeviceIsOffline_Waits()
    {
        var open = _scenario.Send("a");
        _scenario.Mailbox.FailUncached(open, "The device is offline.", _scenario.Now);
        Assert.Equal(MessageProgress.Accepted, open.Progress);
    }

    [Theory]
    [InlineData(DeliveryOutcome.Full)]
    [InlineData(DeliveryOutcome.NotSubscribed)]
    [InlineData(DeliveryOutcome.TooLarge)]
    public void Uncached_WhenTheDeviceCanNotTakeItNow_Fails(DeliveryOutcome outcome)
    {
        _scenario.Connect();
        var open = _scenario.Send("a", timeToLive: TimeSpan.Zero);
        _scenario.Write(outcome);
        Assert.Equal(MessageStatus.Failed, open.Progress.Status);
        Assert.Equal(0, _scenario.Mailbox.Count);
    }

    [Fact]
    public void Uncached_OnceWritten_GetsItsSeriesThenTimesOut()
    {
        _scenario.Connect();
        var open = _scenario.Send("a", timeToLive: TimeSpan.Zero);
        _scenario.RunUntil(60);
        Assert.Equal([0.0, 2.0, 4.0, 6.0], _scenario.TimesOf("a"));
        Assert.Equal((MessageStatus.TimedOut, (DateTimeOffset?)MailboxScenario.Start.AddSeconds(8)), (open.Progress.Status, open.Progress.FinishedAt));
    }

    [Fact]
    public void NextDueAt_WithoutMessages_IsNull()
    {
        _scenario.Connect();
        Assert.Null(_scenario.Mailbox.NextDueAt(_scenario.Now));
    }

    [Fact]
    public void NextDueAt_IsTheEarliestOfAll()
    {
        _scenario.Connect();
        _scenario.Send("a");
        _scenario.Write();
        _scenario.MoveTo(1);
        _scenario.Send("b", timeToLive: TimeSpan.FromMilliseconds(500));
        _scenario.Write();
        Assert.Equal(MailboxScenario.Start.AddSeconds(1.5), _scenario.Mailbox.NextDueAt(_scenario.Now));
        _scenario.Acknowledge("b");
        Assert.Equal(MailboxScenario.Start.AddSeconds(2), _scenario.Mailbox.NextDueAt(_scenario.Now));
    }

    [Fact]
    public void Clock_ThatJumpsAhead_ResendsOnce()
    {
        _scenario.Connect();
        _scenario.Send("a");
        _scenario.Write();
        _scenario.MoveTo(3_600);
        Assert.Equal(["a"], _scenario.Write());
        Assert.Empty(_scenario.Take());
        Assert.Equal(_scenario.Now.AddSeconds(2), _scenario.Mailbox.NextDueAt(_scenario.Now));
    }
}
