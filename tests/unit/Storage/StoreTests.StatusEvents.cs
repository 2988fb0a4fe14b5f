using IotPlatform.Devices;
using IotPlatform.StatusEvents;

namespace IotPlatform.Unit.Tests.Storage;

/// <content>What has happened to messages, as those are told who watch.</content>
public abstract partial class StoreTests
{
    [SkippableFact]
    public async Task StatusEvents_TellTheWholeLifeOfAMessage_AlsoWhereStepsWereStoredTogether()
    {
        await host.Messages.TryAppendAsync(Message(1) with { Name = "reboot" });
        var sent = MessageProgress.Accepted with { Status = MessageStatus.Sent, Attempts = 1, SentAt = Start.AddSeconds(1) };
        await host.Messages.UpdateAsync(new MessageChange(Device, "m1", 1, "reboot", MessageStatus.Pending, sent with { Status = MessageStatus.TimedOut, FinishedAt = Start.AddSeconds(2), Reason = "why" }));
        await host.Messages.TryAppendAsync(Message(2));
        await host.Messages.UpdateAsync(new MessageChange(Device, "m2", 2, "", MessageStatus.Pending, sent));
        await host.Messages.UpdateAsync(new MessageChange(Device, "m2", 2, "", MessageStatus.Sent, sent with { Attempts = 2 }));
        await host.Messages.UpdateAsync(new MessageChange(Device, "m2", 2, "", MessageStatus.Sent, sent with { Status = MessageStatus.Delivered, FinishedAt = Start.AddSeconds(3) }));
        await host.ReopenAsync();

        var events = await EventsAsync();
        Assert.Equal(
            [
                (Device, "m1", "reboot", MessageStatus.Pending, Start, null),
                (Device, "m1", "reboot", MessageStatus.Sent, Start.AddSeconds(1), null),
                (Device, "m1", "reboot", MessageStatus.TimedOut, Start.AddSeconds(2), "why"),
                (Device, "m2", "", MessageStatus.Pending, Start, null),
                (Device, "m2", "", MessageStatus.Sent, Start.AddSeconds(1), null),
                (Device, "m2", "", MessageStatus.Delivered, Start.AddSeconds(3), null),
            ],
            events.Select(static status => (status.Device, status.MessageId, status.Name, status.Status, status.At, status.Reason)));
    }

    // Whatever of it goes into the same write.
    [SkippableFact]
    public async Task Changes_HandedInBeforeTheirMessageIsDurable_AreStoredWithItOrAfterIt()
    {
        const int Messages = 300;
        await Task.WhenAll(Enumerable.Range(1, Messages).Select(async i =>
        {
            var sent = MessageProgress.Accepted with { Status = MessageStatus.Sent, Attempts = 1, SentAt = Start.AddSeconds(1) };
            var delivered = sent with { Status = MessageStatus.Delivered, FinishedAt = Start.AddSeconds(2) };
            var stored = host.Messages.TryAppendAsync(Message(i));
            if (i % 3 == 0)
            {
                // Some of them while they are being written.
                await Task.Yield();
            }

            var changed = host.Messages.UpdateAsync(new MessageChange(Device, $"m{i}", i, "", MessageStatus.Pending, sent));
            var ended = i % 2 == 0 ? host.Messages.UpdateAsync(new MessageChange(Device, $"m{i}", i, "", MessageStatus.Sent, delivered)) : Task.CompletedTask;
            Assert.True(await stored);
            await Task.WhenAll(changed, ended);
        }));

        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(Enumerable.Range(1, Messages).Where(static i => i % 2 == 1).Select(static i => $"m{i}"), Ids(await host.Messages.LoadOpenAsync(Device)));
            Assert.Equal((MessageStatus.Sent, 1), (await ProgressAsync(1), (await host.Messages.FindAsync(Device, "m1"))!.Progress.Attempts));
            Assert.Equal(MessageStatus.Delivered, await ProgressAsync(2));
            Assert.Equal(Messages, (await host.Messages.ListAsync(Device, new ListDeviceMessages(null, Messages + 1, null))).Length);
            await host.ReopenAsync();
        }

        var events = (await EventsAsync()).ToLookup(static status => status.MessageId, static status => status.Status);
        Assert.All(Enumerable.Range(1, Messages), i => Assert.Equal(
            i % 2 == 0 ? [MessageStatus.Pending, MessageStatus.Sent, MessageStatus.Delivered] : [MessageStatus.Pending, MessageStatus.Sent], events[$"m{i}"]));

        async Task<MessageStatus> ProgressAsync(int number) => (await host.Messages.FindAsync(Device, $"m{number}"))!.Progress.Status;
    }

    [SkippableFact]
    public async Task StatusEvents_OfWhatWasNotStored_AreNotThere()
    {
        await host.Messages.TryAppendAsync(Message(1));
        Assert.False(await host.Messages.TryAppendAsync(Message(1)));
        await host.Messages.UpdateAsync(Device, "m1", Finished(MessageStatus.Failed, 0));
        await host.Messages.UpdateAsync(Device, "m1", Finished(MessageStatus.Delivered, 0));
        await host.Messages.UpdateAsync(Device, "none", Finished(MessageStatus.Delivered, 0));
        Assert.Equal([MessageStatus.Pending, MessageStatus.Sent, MessageStatus.Failed], (await EventsAsync()).Select(static status => status.Status));
    }

    [SkippableFact]
    public async Task StatusEvents_OfManyWritersAtOnce_AreReadOnce_EachMessagesInOrder()
    {
        const int Messages = 50;
        var reading = Task.Run(async () =>
        {
            // While they are written: what is read first must not hide what becomes visible later.
            var seen = new List<StatusEvent>();
            var position = StatusEventPosition.Start;
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (seen.Count < 3 * Messages)
            {
                patience.Token.ThrowIfCancellationRequested();
                var batch = await new StatusEventReader(host.StatusEvents).ReadAsync(position, StatusEventFilter.All);
                Assert.False(batch.IsGapBefore);
                seen.AddRange(batch.Events);
                position = batch.Next;
            }

            return seen;
        });
        await Task.WhenAll(Enumerable.Range(1, Messages).Select(async i =>
        {
            await host.Messages.TryAppendAsync(Message(i));
            var sent = MessageProgress.Accepted with { Status = MessageStatus.Sent, Attempts = 1, SentAt = Start.AddSeconds(1) };
            await host.Messages.UpdateAsync(new MessageChange(Device, $"m{i}", i, "", MessageStatus.Pending, sent));
            await host.Messages.UpdateAsync(new MessageChange(Device, $"m{i}", i, "", MessageStatus.Sent, sent with { Status = MessageStatus.Delivered, FinishedAt = Start }));
        }));

        var events = await reading;
        foreach (var message in events.GroupBy(static status => status.MessageId))
        {
            Assert.Equal([MessageStatus.Pending, MessageStatus.Sent, MessageStatus.Delivered], message.Select(static status => status.Status));
        }

        Assert.Equal(Messages, events.Select(static status => status.MessageId).Distinct().Count());
    }

    [SkippableFact]
    public async Task StatusEvents_ReadFromTheEnd_AreThoseThatComeLater()
    {
        await host.Messages.TryAppendAsync(Message(1));
        var end = await host.StatusEvents.GetEndAsync();
        Assert.Empty(await EventsAsync(end));
        await host.Messages.TryAppendAsync(Message(2));
        Assert.Equal("m2", Assert.Single(await EventsAsync(end)).MessageId);
    }

    [SkippableFact]
    public async Task StatusEvents_ReadFromTheMiddleOfAPage_GoOnBehindThat()
    {
        await Task.WhenAll(Enumerable.Range(1, 20).Select(i => host.Messages.TryAppendAsync(Message(i))));
        var all = await EventsAsync();
        Assert.Equal(20, all.Count);
        for (var i = 0; i < all.Count; i++)
        {
            Assert.True(StatusEventPosition.TryParse(all[i].Position.ToString(), out var position));
            Assert.Equal(all.Skip(i + 1).Select(static status => status.MessageId), (await EventsAsync(position)).Select(static status => status.MessageId));
        }
    }

    [SkippableFact]
    public async Task StatusEvents_ThatAreDeleted_AreMissedByThoseWhoHadNotReadThem_AndByNobodyElse()
    {
        var positions = new List<StatusEventPosition>();
        for (var i = 1; i <= 6; i++)
        {
            await host.Messages.TryAppendAsync(Message(i));
            positions.Add((await EventsAsync())[^1].Position);
        }

        Assert.Equal(0, await host.StatusEvents.DeleteOldAsync(DateTimeOffset.UtcNow - TimeSpan.FromMinutes(1), 100));
        Assert.Equal(0, await host.StatusEvents.DeleteBeyondAsync(1_000_000, 100));
        Assert.Equal(2, await host.StatusEvents.DeleteOldAsync(DateTimeOffset.UtcNow + TimeSpan.FromMinutes(1), 2));
        await host.ReopenAsync();
        Assert.Equal("m3", (await EventsAsync())[0].MessageId);
        Assert.True((await host.StatusEvents.ReadAsync(positions[0], 100)).IsGapBefore);
        Assert.False((await host.StatusEvents.ReadAsync(positions[1], 100)).IsGapBefore);

        // All of them, and still it is known what has been there.
        Assert.Equal(4, await host.StatusEvents.DeleteBeyondAsync(0, 100));
        await host.ReopenAsync();
        Assert.True((await host.StatusEvents.ReadAsync(positions[4], 100)).IsGapBefore);
        Assert.False((await host.StatusEvents.ReadAsync(positions[5], 100)).IsGapBefore);
        Assert.False((await host.StatusEvents.ReadAsync(StatusEventPosition.Start, 100)).IsGapBefore);
        await host.Messages.TryAppendAsync(Message(7));
        Assert.Equal("m7", Assert.Single(await EventsAsync(positions[5])).MessageId);
    }

    [SkippableFact]
    public async Task StatusEvents_BeyondTheBound_AreDeletedTheOldestFirst()
    {
        for (var i = 1; i <= 6; i++)
        {
            await host.Messages.TryAppendAsync(Message(i));
        }

        var bytes = (await host.StatusEvents.ReadAsync(StatusEventPosition.Start, 100)).Pages.Sum(static page => page.Events.Length);
        Assert.Equal(3, await host.StatusEvents.DeleteBeyondAsync((bytes / 2) + 1, 100));
        Assert.Equal(["m4", "m5", "m6"], (await EventsAsync()).Select(static status => status.MessageId));
    }

    private async Task<List<StatusEvent>> EventsAsync(StatusEventPosition after = default)
    {
        var events = new List<StatusEvent>();
        while (await new StatusEventReader(host.StatusEvents).ReadAsync(after, StatusEventFilter.All) is { IsAtEnd: false } batch)
        {
            events.AddRange(batch.Events);
            after = batch.Next;
        }

        return events;
    }
}
