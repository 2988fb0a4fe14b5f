using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Products;

namespace IotPlatform.Unit.Tests.Devices;

/// <summary>How many messages may wait for a device, and what becomes of one more; and what a wish to end them does.</summary>
public sealed class MailboxBoundTests
{
    [Fact]
    public void Refusing_AFullMailbox_HasNoRoom_UntilOneHasEnded()
    {
        var scenario = Scenario(MailboxFullAction.Refuse);
        scenario.Send("a");
        scenario.Send("b");
        Assert.False(HasRoom(scenario));

        scenario.Acknowledge("a");
        Assert.True(HasRoom(scenario));
    }

    [Fact]
    public void Refusing_CountsBytes()
    {
        var scenario = Scenario(MailboxFullAction.Refuse, countMax: 100, bytesMax: 2);
        scenario.Send("a");
        Assert.True(HasRoom(scenario));
        scenario.Send("b");
        Assert.False(HasRoom(scenario));
    }

    [Fact]
    public void DroppingOldest_OneMore_EndsTheOldest_OnceTheNewOneIsStored()
    {
        var scenario = Scenario(MailboxFullAction.DropOldest);
        var oldest = scenario.Send("a");
        scenario.Send("b");
        Assert.True(HasRoom(scenario));
        var accepted = scenario.Accept("c");
        scenario.Mailbox.MakeRoom(scenario.Now);
        Assert.Equal(MessageStatus.Failed, oldest.Progress.Status);
        Assert.NotNull(oldest.Progress.Reason);
        Assert.Equal(2, scenario.Mailbox.Count);
        Assert.False(accepted.Progress.IsFinal);
    }

    [Fact]
    public void DroppingOldest_WhatIsOnItsWay_Stays_AndWithoutAnythingElseThereIsNoRoom()
    {
        var scenario = Scenario(MailboxFullAction.DropOldest);
        scenario.Send("a");
        scenario.Connect();
        scenario.Write();
        scenario.Send("b");
        Assert.True(HasRoom(scenario));

        scenario.Write();
        Assert.False(HasRoom(scenario));
    }

    [Fact]
    public void DroppingOldest_EndsAsManyAsItsBytesNeed()
    {
        var scenario = Scenario(MailboxFullAction.DropOldest, countMax: 100, bytesMax: 3);
        OpenMessage[] old = [scenario.Send("a"), scenario.Send("b"), scenario.Send("c")];
        var large = MailboxScenario.NewMessage("large", 10) with { Payload = new byte[2] };
        Assert.True(scenario.Mailbox.HasRoomFor(large));
        Assert.False(scenario.Mailbox.HasRoomFor(large with { Payload = new byte[4] }));

        scenario.Mailbox.Stored(scenario.Mailbox.Accept(large));
        scenario.Mailbox.MakeRoom(scenario.Now);
        Assert.Equal([MessageStatus.Failed, MessageStatus.Failed, MessageStatus.Pending], old.Select(static open => open.Progress.Status));
        Assert.Equal(3, scenario.Mailbox.Bytes);
    }

    [Fact]
    public void Cancelled_WhileItIsBeingWritten_StaysCancelled()
    {
        var scenario = new MailboxScenario();
        var open = scenario.Send("a");
        scenario.Connect();
        scenario.Take();
        scenario.Mailbox.Cancel(open, scenario.Now);
        scenario.Mailbox.Wrote(open, DeliveryOutcome.Written, scenario.Now);
        Assert.Equal((MessageStatus.Failed, "Cancelled."), (open.Progress.Status, open.Progress.Reason));
        Assert.False(scenario.Mailbox.Acknowledged("a", scenario.Now));
    }

    [Fact]
    public void Purge_EndsWhatIsStored_AndNotWhatIsBeingStored()
    {
        var scenario = new MailboxScenario();
        scenario.Send("a");
        scenario.Send("b");
        scenario.Accept("c");
        Assert.Equal(2, scenario.Mailbox.Purge(scenario.Now));
        Assert.Equal(1, scenario.Mailbox.Count);
        Assert.Equal(1, scenario.Mailbox.Bytes);
    }

    [Fact]
    public void EveryWrite_IsKeptWithItsTime()
    {
        var scenario = new MailboxScenario();
        var open = scenario.Send("a");
        scenario.Connect();
        scenario.RunUntil(5);
        Assert.Equal(MailboxScenario.Start, open.Progress.SentAt);
        Assert.Equal([MailboxScenario.Start.AddSeconds(2), MailboxScenario.Start.AddSeconds(4)], open.Progress.ResentAt.AsEnumerable());
    }

    [Fact]
    public void ChangedRules_CountFromThenOn()
    {
        var scenario = new MailboxScenario();
        scenario.Send("a");
        scenario.Mailbox.Rules = MessageRules.Of(
            new DeviceMessageOptions(), MessagePolicy.Default with { OpenMax = 1, ResendInterval = TimeSpan.FromSeconds(30), ResendsPerSeries = 1 });
        Assert.False(HasRoom(scenario));

        scenario.Connect();
        scenario.RunUntil(100);
        Assert.Equal([0, 30], scenario.TimesOf("a"));
    }

    private static MailboxScenario Scenario(MailboxFullAction whenFull, int countMax = 2, long bytesMax = 100) =>
        new(new DeviceMessageOptions { OpenPerDeviceMax = countMax, OpenBytesPerDeviceMax = bytesMax, WhenFull = whenFull });

    private static bool HasRoom(MailboxScenario scenario) => scenario.Mailbox.HasRoomFor(MailboxScenario.NewMessage("x", 1_000));
}
