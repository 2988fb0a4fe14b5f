using System.Text;
using IotPlatform.Devices;
using IotPlatform.Sessions;
using IotPlatform.Storage;

namespace IotPlatform.Unit.Tests.Storage;

/// <content>Sessions.</content>
public abstract partial class StoreTests
{
    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Session_KeepsEveryField(bool isFull)
    {
        var session = isFull
            ? new SessionRecord(
                new DeviceId("p", "gerät/1"), TimeSpan.FromDays(400), new SessionBounds(7, 9_000_000_000, DropsOldest: true), Start,
                [new SessionSubscription("$share/g/ü/#", 0x2D, 268_435_455), new SessionSubscription("a\"+", 1, 0)],
                [new ReceivedMessage(65_535, long.MinValue + 1, IsRouted: true), new ReceivedMessage(1, 3, IsRouted: false)],
                new SessionWill(new DeviceWill("w/ü", new byte[] { 0, 255 }, new byte[] { 1, 1 }, 2, Retain: true), TimeSpan.FromDays(3)), Start.AddDays(1))
            : Session("d");
        await host.Sessions.SaveAsync(3, session);
        await host.ReopenAsync();
        AssertSame(session, Assert.Single(await host.Sessions.LoadAsync(3)));
        Assert.Empty(await host.Sessions.LoadAsync(4));
    }

    [SkippableFact]
    public async Task Session_SavedAgain_ReplacesTheEarlier()
    {
        for (var i = 1; i < 5; i++)
        {
            await host.Sessions.SaveAsync(3, Session("d") with { Expiry = TimeSpan.FromSeconds(i) });
        }

        await host.Sessions.SaveReceivedAsync(3, Device, [new ReceivedMessage(5, 6, IsRouted: false)]);
        await host.Sessions.SaveReceivedAsync(3, new DeviceId("p", "unknown"), []);
        var expected = Session("d") with { Expiry = TimeSpan.FromSeconds(4), Received = [new ReceivedMessage(5, 6, IsRouted: false)] };
        AssertSame(expected, Assert.Single(await host.Sessions.LoadAsync(3)));
    }

    [SkippableFact]
    public async Task SessionMessage_KeepsEveryField()
    {
        var full = new StoredCopy(
            new SessionMessage("t/ü"u8.ToArray(), new byte[] { 0, 255 }, new byte[] { 1, 1 }, QoS: 2, IsRetain: true, PublishId: -5, Start.AddDays(1)), QoS: 2,
            IsRetain: true, new byte[] { 0x0B, 7 }, "$share/g/#");
        await host.Sessions.AppendAsync(3, Device, long.MaxValue - 1, full);
        await host.Sessions.AppendAsync(3, Device, 5, Copy("x"));
        await host.ReopenAsync();
        var loaded = (await host.Sessions.LoadMessagesAsync(3, Device)).OrderBy(static entry => entry.Sequence).ToList();
        Assert.Equal([5, long.MaxValue - 1], loaded.Select(static entry => entry.Sequence));
        AssertSame(Copy("x"), loaded[0].Copy);
        AssertSame(full, loaded[1].Copy);
        Assert.Equal(
            [
                (Device, 5, new QueuedHead(1, 2, 0, null, IsReleased: false, MayHaveBeenSent: true)),
                (Device, long.MaxValue - 1, new QueuedHead(2, 8, -5, Start.AddDays(1), IsReleased: false, MayHaveBeenSent: true)),
            ],
            (await host.Sessions.LoadHeadsAsync(3)).ToArray());
        Assert.Empty(await host.Sessions.LoadHeadsAsync(4));
        Assert.Empty(await host.Sessions.LoadMessagesAsync(3, new DeviceId("p", "other")));
    }

    [SkippableFact]
    public async Task SessionMessages_ReleasedAndRemoved_AreSo()
    {
        await Task.WhenAll(Enumerable.Range(1, 4).Select(i => host.Sessions.AppendAsync(3, Device, i, Copy("x"))));
        await host.Sessions.ReleaseAsync(3, Device, 2);
        await host.Sessions.RemoveAsync(3, Device, 3);
        await host.Sessions.RemoveAsync(3, Device, 77);
        Assert.Equal([(1, false), (2, true), (4, false)], (await host.Sessions.LoadHeadsAsync(3)).Select(static entry => (entry.Sequence, entry.Head.IsReleased)));
    }

    [SkippableFact]
    public async Task SessionMessage_RemovedBeforeItIsWritten_CompletesAndIsNotThere()
    {
        // Far more than a batch, so that some wait while others are written.
        var appends = Enumerable.Range(1, 3_000).Select(i => host.Sessions.AppendAsync(3, Device, i, Copy("x"))).ToList();
        var removals = Enumerable.Range(1, 3_000).Where(static i => i % 3 != 0).Select(i => host.Sessions.RemoveAsync(3, Device, i)).ToList();
        await Task.WhenAll([.. appends, .. removals]);
        Assert.Equal(Enumerable.Range(1, 1_000).Select(static i => 3L * i), (await host.Sessions.LoadHeadsAsync(3)).Select(static entry => entry.Sequence));
    }

    [SkippableFact]
    public async Task SessionsThatEndAndBeginInOneBatch_KeepWhatCameLast()
    {
        var writes = new List<Task>();
        for (var i = 1; i <= 200; i++)
        {
            writes.Add(host.Sessions.SaveAsync(3, Session("d")));
            writes.Add(host.Sessions.AppendAsync(3, Device, i, Copy("x")));
            if (i < 200)
            {
                writes.Add(host.Sessions.DeleteAsync(3, Device));
            }
        }

        await Task.WhenAll(writes);
        Assert.Single(await host.Sessions.LoadAsync(3));
        Assert.Equal(200, Assert.Single(await host.Sessions.LoadHeadsAsync(3)).Sequence);
    }

    private static SessionRecord Session(string name) =>
        new(new DeviceId("p", name), TimeSpan.FromMinutes(1), new SessionBounds(10, 1_000, DropsOldest: false), OfflineSince: null, [], [], Will: null, WillDueAt: null);

    private static StoredCopy Copy(string payload) => new(
        new SessionMessage("t"u8.ToArray(), Encoding.UTF8.GetBytes(payload), default, QoS: 1, IsRetain: false, PublishId: 0, ExpiresAt: null), QoS: 1, IsRetain: false,
        default, Share: null);

    private static void AssertSame(SessionRecord expected, SessionRecord actual)
    {
        Assert.Equal(expected.Subscriptions.ToArray(), actual.Subscriptions.ToArray());
        Assert.Equal(expected.Received.ToArray(), actual.Received.ToArray());
        Assert.Equal(expected.Will?.Will.Payload.ToArray(), actual.Will?.Will.Payload.ToArray());
        Assert.Equal(expected.Will?.Will.Properties.ToArray(), actual.Will?.Will.Properties.ToArray());
        Assert.Equal(Plain(expected), Plain(actual));

        static SessionRecord Plain(SessionRecord session) => session with
        {
            Subscriptions = default,
            Received = default,
            Will = session.Will is { } will ? will with { Will = will.Will with { Payload = default, Properties = default } } : null,
        };
    }

    private static void AssertSame(StoredCopy expected, StoredCopy actual)
    {
        Assert.Equal(
            [expected.Message.Topic.ToArray(), expected.Message.Payload.ToArray(), expected.Message.Properties.ToArray(), expected.Identifiers.ToArray()],
            new[] { actual.Message.Topic.ToArray(), actual.Message.Payload.ToArray(), actual.Message.Properties.ToArray(), actual.Identifiers.ToArray() });
        Assert.Equal(
            (expected.QoS, expected.IsRetain, expected.Share, expected.Message.PublishId, expected.Message.ExpiresAt),
            (actual.QoS, actual.IsRetain, actual.Share, actual.Message.PublishId, actual.Message.ExpiresAt));
    }
}
