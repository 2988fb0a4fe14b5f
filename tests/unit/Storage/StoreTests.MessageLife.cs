using IotPlatform.Devices;
using IotPlatform.Products;
using IotPlatform.Storage;

namespace IotPlatform.Unit.Tests.Storage;

/// <content>The whole life of messages, and what is asked of all of a product's.</content>
public abstract partial class StoreTests
{
    [SkippableFact]
    public async Task Update_KeepsEveryWriteOfAMessage()
    {
        await host.Messages.TryAppendAsync(Message(1));
        await host.Messages.TryAppendAsync(Message(2));
        var progress = new MessageProgress(
            MessageStatus.TimedOut, 3, 1, Start.AddSeconds(1), Start.AddSeconds(9), "why", [Start.AddSeconds(3), Start.AddSeconds(5).AddMicroseconds(7)]);
        await host.Messages.UpdateAsync(Device, "m1", progress);
        await host.ReopenAsync();
        var stored = (await host.Messages.FindAsync(Device, "m1"))!.Progress;
        Assert.Equal(progress.ResentAt.AsEnumerable(), stored.ResentAt);
        Assert.Equal(progress with { ResentAt = default }, stored with { ResentAt = default });
        Assert.True((await host.Messages.FindAsync(Device, "m2"))!.Progress.ResentAt.IsDefault);
    }

    [SkippableFact]
    public async Task Messages_WithAndWithoutAnIdOfTheirCaller_AreTheSameToWhoeverAsks()
    {
        // What the grain calls a message whose caller did not: its sequence.
        var named = new[] { Message(1), Message(12) with { MessageId = "12" }, Message(13) with { MessageId = "00013" }, Message(14) with { MessageId = "14" } };
        foreach (var message in named)
        {
            Assert.True(await host.Messages.TryAppendAsync(message));
            Assert.False(await host.Messages.TryAppendAsync(message with { Sequence = message.Sequence + 100 }));
        }

        await host.Messages.UpdateAsync(Device, "12", Finished(MessageStatus.TimedOut, 1) with { Reason = "late" }, sequence: 12);
        await host.Messages.UpdateAsync(Device, "00013", Finished(MessageStatus.Delivered, 1), sequence: 13);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(named.Select(static message => message.MessageId), (await Task.WhenAll(named.Select(message => host.Messages.FindAsync(Device, message.MessageId)))).Select(static found => found!.MessageId));
            Assert.Null(await host.Messages.FindAsync(Device, "13"));
            Assert.Null(await host.Messages.FindAsync(Device, "112"));

            // Open, and not called by its sequence.
            Assert.Null(await host.Messages.FindAsync(Device, "1"));
            Assert.Equal(["m1", "14"], Ids(await host.Messages.LoadOpenAsync(Device)));
            Assert.Equal(["14", "00013", "12", "m1"], Ids(await host.Messages.ListAsync(Device, new ListDeviceMessages(null, 10, null))));
            Assert.Equal(["m1", "12", "00013", "14"], Ids(await host.Messages.ListProductAsync("p", new ListProductMessages(null, 10, null))));
            await host.ReopenAsync();
        }

        Assert.False(await host.Messages.TryAppendAsync(named[1] with { Sequence = 99 }));
        await host.Messages.AcknowledgeLateAsync(Device, "12", Start.AddSeconds(5));
        Assert.Equal(Start.AddSeconds(5), (await host.Messages.FindAsync(Device, "12"))!.Progress.AcknowledgedLateAt);
    }

    [SkippableFact]
    public async Task LateAcknowledgement_IsKept_TheFirst_OfWhatHasEndedOtherwise()
    {
        for (var i = 1; i <= 3; i++)
        {
            await host.Messages.TryAppendAsync(Message(i));
        }

        await host.Messages.UpdateAsync(Device, "m1", Finished(MessageStatus.TimedOut, 1) with { Reason = "late" });
        await host.Messages.UpdateAsync(Device, "m2", Finished(MessageStatus.Delivered, 1) with { Reason = null });
        foreach (var at in new[] { Start.AddSeconds(5), Start.AddSeconds(6) })
        {
            await Task.WhenAll(new[] { "m1", "m2", "m3", "none" }.Select(id => host.Messages.AcknowledgeLateAsync(Device, id, at)));
        }

        await host.ReopenAsync();
        var late = await Task.WhenAll(new[] { "m1", "m2", "m3" }.Select(id => host.Messages.FindAsync(Device, id)));
        Assert.Equal([Start.AddSeconds(5), null, null], late.Select(static message => message!.Progress.AcknowledgedLateAt));
        Assert.Equal(MessageStatus.TimedOut, late[0]!.Progress.Status);
    }

    [SkippableFact]
    public async Task ListProduct_IsByDevice_TheOldestFirst_AndPagesMissNone()
    {
        foreach (var name in new[] { "b", "B", "a", "ä" })
        {
            for (var i = 1; i <= 3; i++)
            {
                await host.Messages.TryAppendAsync(Message(i) with { Device = new DeviceId("p", name) });
            }
        }

        await host.Messages.TryAppendAsync(Message(1) with { Device = new DeviceId("q", "a") });
        var places = new List<(string, long)>();
        MessagePlace? after = null;
        while (await host.Messages.ListProductAsync("p", new ListProductMessages(null, 5, after)) is { IsEmpty: false } page)
        {
            Assert.True(page.Length <= 5);
            places.AddRange(page.Select(static message => (message.Device.DeviceName, message.Sequence)));
            after = new MessagePlace(page[^1].Device.DeviceName, page[^1].Sequence);
        }

        // Which device comes first is the store's own matter.
        string[] names = [.. places.Select(static place => place.Item1).Distinct()];
        Assert.Equal(["B", "a", "b", "ä"], names.Order(StringComparer.Ordinal));
        Assert.Equal(names.SelectMany(static name => new[] { (name, 1L), (name, 2L), (name, 3L) }), places);
    }

    [SkippableTheory]
    [InlineData(MessageStatus.Pending, "m1")]
    [InlineData(MessageStatus.Sent, "m2")]
    [InlineData(MessageStatus.Delivered, "m3")]
    [InlineData(MessageStatus.TimedOut, "m4")]
    [InlineData(MessageStatus.Failed, "m5")]
    public async Task ListProduct_OfAStatus_HasJustThose(MessageStatus status, string expected)
    {
        foreach (var (number, of) in Enum.GetValues<MessageStatus>().Index())
        {
            await host.Messages.TryAppendAsync(Message(number + 1));
            var progress = Finished(of, 1) with
            {
                Reason = of is MessageStatus.TimedOut or MessageStatus.Failed ? "why" : null,
                FinishedAt = of is MessageStatus.Pending or MessageStatus.Sent ? null : Start,
            };
            await host.Messages.UpdateAsync(Device, $"m{number + 1}", progress);
        }

        Assert.Equal([expected], Ids(await host.Messages.ListProductAsync("p", new ListProductMessages(status, 10, null))));
    }

    [SkippableFact]
    public async Task ListProduct_EndsEarlyWhereItsPayloadsAreLarge_AndMissesNone()
    {
        for (var i = 1; i <= 6; i++)
        {
            await host.Messages.TryAppendAsync(Message(i) with { Payload = new byte[IMessageStore.PageBytesMax / 2] });
        }

        var ids = new List<string>();
        MessagePlace? after = null;
        while (await host.Messages.ListProductAsync("p", new ListProductMessages(null, 100, after)) is { IsEmpty: false } page)
        {
            Assert.InRange(page.Length, 1, 3);
            ids.AddRange(Ids(page));
            after = new MessagePlace(page[^1].Device.DeviceName, page[^1].Sequence);
        }

        Assert.Equal(["m1", "m2", "m3", "m4", "m5", "m6"], ids);
    }

    [SkippableFact]
    public async Task Product_KeepsItsMessagePolicy()
    {
        var policy = new MessagePolicy(5, null, MailboxFullAction.DropOldest, TimeSpan.FromSeconds(1.5), 0, null, 3);
        await host.Registry.TryAddProductAsync(new ProductView("p", "", true, false, Start, []));
        await host.Registry.TryAddProductAsync(new ProductView("q", "", true, false, Start, [], policy));
        await host.Registry.SetMessagePolicyAsync("p", policy);
        await host.ReopenAsync();
        Assert.Equal(policy, (await host.Registry.FindProductAsync("p"))!.Messages);
        Assert.Equal(policy, (await host.Registry.FindProductAsync("q"))!.Messages);
        await host.Registry.SetMessagePolicyAsync("p", null);
        Assert.Null((await host.Registry.FindProductAsync("p"))!.Messages);
    }
}
