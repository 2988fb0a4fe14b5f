using IotPlatform.Devices;
using IotPlatform.Storage.Postgres;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>Devices whose names have one hash do not notice.</summary>
public sealed class PostgresMessageKeyTests(PostgresFixture fixture) : PostgresTest(new PostgresHost(fixture))
{
    private const string Name = "d6bdbe134";
    private const string NameOfTheSameHash = "d426b4689";

    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("p", Name, "p", NameOfTheSameHash)]
    [InlineData(Name, "d", NameOfTheSameHash, "d")]
    public void Devices_MayShareAKey(string productKey, string deviceName, string otherProductKey, string otherName) =>
        Assert.Equal(DeviceKey.Of(new(productKey, deviceName)), DeviceKey.Of(new(otherProductKey, otherName)));

    [Theory]
    [InlineData("")]
    [InlineData("p")]
    [InlineData(Name)]
    [InlineData("пр")]
    public void Devices_OfAProduct_LieTogether(string productKey) => Assert.All(
        Enumerable.Range(0, 1_000).Select(i => DeviceKey.Of(new DeviceId(productKey, $"device-{i}"))),
        key => Assert.InRange(key, DeviceKey.FirstOf(productKey), DeviceKey.LastOf(productKey)));

    [SkippableTheory]
    [InlineData("p", Name, "p", NameOfTheSameHash)]
    [InlineData(Name, "d", NameOfTheSameHash, "d")]
    public async Task Messages_OfDevicesThatShareAKey_AreTheirOwn(string productKey, string deviceName, string otherProductKey, string otherName)
    {
        DeviceId[] devices = [new(productKey, deviceName), new(otherProductKey, otherName)];
        var messages = Host.Messages;

        // The same id for both, and one that is the sequence of the other's.
        var appended = await Task.WhenAll(devices.SelectMany((device, i) => new[]
        {
            messages.TryAppendAsync(Message(device, 10 + i, "own")),
            messages.TryAppendAsync(Message(device, 20 + i, $"{20 + i}")),
            messages.TryAppendAsync(Message(device, 30 + i, $"{21 - i}")),
        }));
        Assert.All(appended, Assert.True);
        await messages.UpdateAsync(devices[0], "own", new MessageProgress(MessageStatus.Failed, 0, 0, null, Start, "why"), sequence: 10);
        await messages.AcknowledgeLateAsync(devices[0], "own", Start);
        await messages.AcknowledgeLateAsync(devices[1], "own", Start);
        foreach (var (i, device) in devices.Index())
        {
            Assert.Equal(i == 0 ? [20L, 30] : [11L, 21, 31], (await messages.LoadOpenAsync(device)).Select(static message => message.Sequence));
            Assert.Equal([30L + i, 20 + i, 10 + i], (await messages.ListAsync(device, new ListDeviceMessages(null, 10, null))).Select(static message => message.Sequence));
            var found = await Task.WhenAll(new[] { "own", $"{20 + i}", $"{21 - i}" }.Select(id => messages.FindAsync(device, id)));
            Assert.Equal([10L + i, 20 + i, 30 + i], found.Select(static message => message!.Sequence));
            Assert.Equal(i == 0 ? Start : null, found[0]!.Progress.AcknowledgedLateAt);
            Assert.False(await messages.TryAppendAsync(Message(device, 40, "own")));
            Assert.False(await messages.TryAppendAsync(Message(device, 40, $"{20 + i}")));
        }

        var listed = new List<(DeviceId Device, long Sequence)>();
        MessagePlace? after = null;
        while (await messages.ListProductAsync(productKey, new ListProductMessages(null, 1, after)) is [var message])
        {
            listed.Add((message.Device, message.Sequence));
            after = new MessagePlace(message.Device.DeviceName, message.Sequence);
        }

        Assert.Equal(productKey == otherProductKey ? [10L, 11, 20, 21, 30, 31] : [10L, 20, 30], listed.Select(static place => place.Sequence));
        Assert.All(listed, place => Assert.Equal(productKey, place.Device.ProductKey));
    }

    private static DeviceMessage Message(DeviceId device, long sequence, string messageId) => new(
        device, messageId, sequence, "", new byte[] { 1 }, "t", false, 1, Start, Start.AddDays(1), MessageProgress.Accepted);
}
