using IotPlatform.Devices;
using IotPlatform.Gateways;

namespace IotPlatform.Unit.Tests.Devices;

/// <summary>What goes out, and in which order.</summary>
public sealed class MailboxOrderTests
{
    private readonly MailboxScenario _scenario = new();

    [Fact]
    public void Messages_WhenConnected_GoOutInTheOrderTheyWereAccepted()
    {
        _scenario.Send("a");
        _scenario.Send("b", qos: 0);
        _scenario.Send("c");
        _scenario.Connect();
        Assert.Equal(["a", "b", "c"], _scenario.Take());
    }

    [Fact]
    public void Messages_WithoutAConnection_AreNotDue()
    {
        _scenario.Send("a");
        Assert.Empty(_scenario.Take());
    }

    [Fact]
    public void Message_BeforeItIsDurable_HoldsUpThoseBehindIt()
    {
        _scenario.Connect();
        var first = _scenario.Accept("a");
        _scenario.Send("b");
        Assert.Empty(_scenario.Take());

        _scenario.Mailbox.Stored(first);
        Assert.Equal(["a", "b"], _scenario.Take());
    }

    [Fact]
    public void Message_WhenDiscarded_HoldsUpNobody()
    {
        _scenario.Connect();
        var first = _scenario.Accept("a");
        _scenario.Send("b");
        _scenario.Mailbox.Discard(first);
        Assert.Equal(["b"], _scenario.Take());
        Assert.Equal(1, _scenario.Mailbox.Count);
    }

    [Fact]
    public void Discard_CompletesWhoWaitsForTheStore()
    {
        var open = _scenario.Accept("a");
        var waiting = open.Storing;
        Assert.False(waiting.IsCompleted);
        _scenario.Mailbox.Discard(open);
        Assert.True(waiting.IsCompleted);
        Assert.False(open.IsStored);
    }

    [Fact]
    public void Window_OfTheDevice_BoundsWhatIsInFlight()
    {
        _scenario.Send("a");
        _scenario.Send("b");
        _scenario.Send("c");
        _scenario.Connect(receiveMaximum: 2);
        Assert.Equal(["a", "b"], _scenario.Write());
        Assert.Empty(_scenario.Take());

        _scenario.Acknowledge("a");
        Assert.Equal(["c"], _scenario.Take());
    }

    [Fact]
    public void Window_OfTheServer_BoundsADeviceThatAllowsMore()
    {
        var scenario = new MailboxScenario(new DeviceMessageOptions { InFlightMax = 1 });
        scenario.Send("a");
        scenario.Send("b");
        scenario.Connect(receiveMaximum: 100);
        Assert.Equal(["a"], scenario.Write());
        Assert.Empty(scenario.Take());
    }

    [Fact]
    public void QoS0_NeedsNoRoomInTheWindow_ButStaysBehindWhatWaitsForIt()
    {
        _scenario.Connect(receiveMaximum: 1);
        _scenario.Send("a");
        _scenario.Send("b", qos: 0);
        _scenario.Send("c");
        _scenario.Send("d", qos: 0);
        Assert.Equal(["a", "b"], _scenario.Write());
        _scenario.Acknowledge("a");
        Assert.Equal(["c", "d"], _scenario.Write());
    }

    [Fact]
    public void QoS0_WhenWritten_IsDelivered()
    {
        _scenario.Connect();
        var open = _scenario.Send("a", qos: 0);
        _scenario.MoveTo(3);
        _scenario.Write();
        Assert.Equal(new MessageProgress(MessageStatus.Delivered, 1, 0, _scenario.Now, _scenario.Now, null), open.Progress);
        Assert.Equal(0, _scenario.Mailbox.Count);
    }

    [Fact]
    public void QoS1_WhenWrittenAndAcknowledged_PassesEveryStep()
    {
        _scenario.Connect();
        var open = _scenario.Send("a");
        _scenario.MoveTo(1);
        _scenario.Write();
        Assert.Equal(new MessageProgress(MessageStatus.Sent, 1, 0, MailboxScenario.Start.AddSeconds(1), null, null), open.Progress);

        _scenario.MoveTo(2);
        _scenario.Acknowledge("a");
        Assert.Equal(
            new MessageProgress(MessageStatus.Delivered, 1, 0, MailboxScenario.Start.AddSeconds(1), MailboxScenario.Start.AddSeconds(2), null), open.Progress);
        Assert.Equal([MessageStatus.Sent, MessageStatus.Delivered], _scenario.Mailbox.Changes.Select(static change => change.Progress.Status));
    }

    [Fact]
    public void Acknowledgement_BeforeTheReportOfTheWrite_Counts()
    {
        _scenario.Connect();
        var open = _scenario.Send("a");
        _scenario.Take();
        _scenario.Acknowledge("a");
        var delivered = open.Progress;
        Assert.Equal((MessageStatus.Delivered, 1), (delivered.Status, delivered.Attempts));
        Assert.NotNull(delivered.SentAt);

        Assert.True(_scenario.Mailbox.Wrote(open, DeliveryOutcome.Written, _scenario.Now));
        Assert.Equal(delivered, open.Progress);
        Assert.Single(_scenario.Mailbox.Changes);
    }

    [Theory]
    [InlineData(DeliveryOutcome.Written)]
    [InlineData(DeliveryOutcome.NotSubscribed)]
    [InlineData(DeliveryOutcome.Full)]
    [InlineData(DeliveryOutcome.TooLarge)]
    [InlineData(DeliveryOutcome.NotConnected)]
    public void FinalMessage_WhateverIsReportedOfItsWrite_DoesNotChange(DeliveryOutcome outcome)
    {
        _scenario.Connect();
        var open = _scenario.Send("a", timeToLive: TimeSpan.Zero);
        _scenario.Take();
        _scenario.Mailbox.FailAll("The device was deleted.", _scenario.Now);
        var final = open.Progress;

        _scenario.MoveTo(1);
        _scenario.Mailbox.Wrote(open, outcome, _scenario.Now);
        Assert.Equal(final, open.Progress);
        Assert.Single(_scenario.Mailbox.Changes);
    }

    [Fact]
    public void Acknowledgement_OfWhatIsFinalOrUnknown_IsIgnored()
    {
        _scenario.Connect();
        var open = _scenario.Send("a");
        _scenario.Write();
        _scenario.Acknowledge("a");
        _scenario.Mailbox.TakeChanges();

        _scenario.MoveTo(9);
        _scenario.Acknowledge("a");
        _scenario.Acknowledge("never seen");
        Assert.Empty(_scenario.Mailbox.Changes);
        Assert.Equal(MailboxScenario.Start, open.Progress.FinishedAt);
    }

    [Fact]
    public void NotSubscribed_UntilTheDeviceSubscribes_LetsOthersPass()
    {
        _scenario.Connect();
        var open = _scenario.Send("a");
        _scenario.Write(DeliveryOutcome.NotSubscribed);
        Assert.Equal(MessageProgress.Accepted, open.Progress);
        Assert.Empty(_scenario.Take());

        _scenario.Send("b");
        Assert.Equal(["b"], _scenario.Write());
        _scenario.Mailbox.Subscribed();
        Assert.Equal(["a"], _scenario.Write());
        Assert.Equal(MessageStatus.Sent, open.Progress.Status);
    }

    [Fact]
    public void NotSubscribed_OnTheNextConnection_IsTriedAgain()
    {
        _scenario.Connect(1);
        _scenario.Send("a");
        _scenario.Write(DeliveryOutcome.NotSubscribed);
        _scenario.Mailbox.Disconnected();
        _scenario.Connect(2);
        Assert.Equal(["a"], _scenario.Take());
    }

    [Fact]
    public void TooLarge_FailsTheMessage_AndLetsOthersPass()
    {
        _scenario.Connect();
        var large = _scenario.Send("a");
        _scenario.Send("b");
        _scenario.Take();
        Assert.True(_scenario.Mailbox.Wrote(large, DeliveryOutcome.TooLarge, _scenario.Now));
        Assert.Equal((MessageStatus.Failed, 0), (large.Progress.Status, large.Progress.Attempts));
        Assert.NotNull(large.Progress.Reason);
        Assert.Equal(["b"], _scenario.Take());
    }

    [Theory]
    [InlineData(DeliveryOutcome.NotConnected)]
    [InlineData(DeliveryOutcome.NotOpen)]
    [InlineData(DeliveryOutcome.Full)]
    public void Refusal_ByTheConnection_StopsTheWritesAndChangesNothing(DeliveryOutcome outcome)
    {
        _scenario.Connect();
        var open = _scenario.Send("a");
        _scenario.Take();
        Assert.False(_scenario.Mailbox.Wrote(open, outcome, _scenario.Now));
        Assert.Equal(MessageProgress.Accepted, open.Progress);
        Assert.Empty(_scenario.Mailbox.Changes);
    }

    [Fact]
    public void Full_UntilItsInterval_IsNotTriedAgain()
    {
        _scenario.Connect();
        _scenario.Send("a");
        _scenario.Write(DeliveryOutcome.Full);
        Assert.Equal(_scenario.Now.AddSeconds(1), _scenario.Mailbox.NextDueAt(_scenario.Now));
        _scenario.MoveTo(0.999);
        Assert.Empty(_scenario.Take());
        _scenario.MoveTo(1);
        Assert.Equal(["a"], _scenario.Take());
    }

    [Fact]
    public void Full_ForEver_IsTriedOnceAnInterval()
    {
        _scenario.Connect();
        _scenario.Send("a", timeToLive: TimeSpan.FromSeconds(30));
        var tries = 0;
        while (_scenario.Mailbox.Count > 0)
        {
            tries += _scenario.Write(DeliveryOutcome.Full).Length;
            var next = _scenario.Mailbox.NextDueAt(_scenario.Now) ?? _scenario.Now.AddSeconds(1);
            Assert.True(next > _scenario.Now);
            _scenario.MoveTo((next - MailboxScenario.Start).TotalSeconds);
        }

        Assert.InRange(tries, 28, 31);
    }

    [Fact]
    public void Full_WhenSomethingIsAcknowledged_IsTriedAgainAtOnce()
    {
        _scenario.Connect();
        _scenario.Send("a");
        _scenario.Write();
        _scenario.Send("b");
        _scenario.Write(DeliveryOutcome.Full);
        Assert.Empty(_scenario.Take());
        _scenario.Acknowledge("a");
        Assert.Equal(["b"], _scenario.Take());
    }

    [Fact]
    public void WriteFailed_IsTriedAgainAfterTheInterval()
    {
        _scenario.Connect();
        var open = _scenario.Send("a");
        _scenario.Take();
        _scenario.Mailbox.WriteFailed(_scenario.Now);
        Assert.Empty(_scenario.Take());
        Assert.Equal(MessageStatus.Pending, open.Progress.Status);
        _scenario.RunUntil(1);
        Assert.Equal([1.0], _scenario.TimesOf("a"));
    }

    [Fact]
    public void Disconnected_NothingIsDueAndNothingWaitsForTime()
    {
        _scenario.Connect();
        _scenario.Send("a");
        _scenario.Write();
        _scenario.Mailbox.Disconnected();
        _scenario.MoveTo(100);
        Assert.Empty(_scenario.Take());
        Assert.Null(_scenario.Mailbox.NextDueAt(_scenario.Now));
    }

    [Fact]
    public void Connected_AfterAFullConnection_StartsAfresh()
    {
        _scenario.Connect(1);
        _scenario.Send("a");
        _scenario.Write(DeliveryOutcome.Full);
        _scenario.Connect(2);
        Assert.Equal(["a"], _scenario.Take());
    }

    [Fact]
    public void Restore_TakesUpWhereTheEarlierActivationStopped()
    {
        var sent = MailboxScenario.NewMessage("a", 1) with { Progress = new MessageProgress(MessageStatus.Sent, 4, 0, MailboxScenario.Start, null, null) };
        _scenario.Mailbox.Restore([sent, MailboxScenario.NewMessage("b", 2)]);
        Assert.Equal(2, _scenario.Mailbox.Count);
        Assert.Empty(_scenario.Mailbox.Changes);
        Assert.True(_scenario.Mailbox.Find("a")!.Storing.IsCompleted);

        _scenario.Connect();
        Assert.Equal(["a", "b"], _scenario.Write());
        Assert.Equal((5, 1), (_scenario.Mailbox.Find("a")!.Progress.Attempts, _scenario.Mailbox.Find("a")!.Progress.Rounds));
        Assert.Equal((1, 0), (_scenario.Mailbox.Find("b")!.Progress.Attempts, _scenario.Mailbox.Find("b")!.Progress.Rounds));
    }

    [Fact]
    public void FailAll_EndsEveryMessage()
    {
        _scenario.Connect();
        OpenMessage[] all = [_scenario.Send("a"), _scenario.Send("b")];
        _scenario.Write();
        _scenario.Mailbox.FailAll("The device was deleted.", _scenario.Now);
        Assert.All(all, static open => Assert.Equal((MessageStatus.Failed, "The device was deleted."), (open.Progress.Status, open.Progress.Reason)));
        Assert.Equal(0, _scenario.Mailbox.Count);
        Assert.Null(_scenario.Mailbox.Find("a"));
    }
}
