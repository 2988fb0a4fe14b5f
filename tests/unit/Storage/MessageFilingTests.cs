using System.Globalization;
using IotPlatform.Devices;
using Microsoft.Data.Sqlite;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>Messages that are entered into SQLite's indexes later than they are written: nobody who asks can tell.</summary>
public sealed class MessageFilingTests : IAsyncDisposable
{
    private const int Lives = 8;
    private const int Steps = 40;

    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Never = Start.AddYears(10);

    /// <summary>What refers to nothing, and what is nowhere although it was filed.</summary>
    private static readonly string[] Faults =
    [
        "SELECT count(*) FROM message_ended e WHERE NOT EXISTS (SELECT 1 FROM device_message m WHERE m.place = e.place AND m.sequence = e.sequence AND m.device_name = e.device_name AND m.finished_at IS NOT NULL)",
        "SELECT count(*) FROM message_open o WHERE NOT EXISTS (SELECT 1 FROM device_message m WHERE m.place = o.place AND m.expires_at = o.expires_at AND m.finished_at IS NULL)",
        "SELECT count(*) FROM message_own_id i WHERE NOT EXISTS (SELECT 1 FROM device_message m WHERE m.place = i.place AND m.message_id = i.message_id AND m.has_own_id = 1 AND m.finished_at IS NOT NULL)",
        "SELECT count(*) FROM device_message m, message_filing f WHERE m.place <= f.place AND m.finished_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM message_ended e WHERE e.product_key = m.product_key AND e.device_name = m.device_name AND e.sequence = m.sequence AND e.place = m.place)",
        "SELECT count(*) FROM device_message m, message_filing f WHERE m.place <= f.place AND m.finished_at IS NOT NULL AND m.has_own_id = 1 AND NOT EXISTS (SELECT 1 FROM message_own_id i WHERE i.product_key = m.product_key AND i.device_name = m.device_name AND i.message_id = m.message_id AND i.place = m.place)",
        "SELECT count(*) FROM device_message m, message_filing f WHERE m.place <= f.place AND m.finished_at IS NULL AND NOT EXISTS (SELECT 1 FROM message_open o WHERE o.expires_at = m.expires_at AND o.place = m.place)",
    ];

    private readonly SqliteHost _host = new(isDurable: false);
    private readonly Dictionary<(DeviceId Device, long Sequence), DeviceMessage> _expected = [];
    private Task _filing = Task.CompletedTask;
    private long _lastSequence;

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhatIsFiled_IsFoundAsBefore_AndTakenOutWhenItIsDeleted(bool isReopened)
    {
        var messages = Enumerable.Range(0, 1_200).Select(i => NewMessage(i % 7, hasOwnId: i % 3 == 0)).ToArray();
        await AppendAsync(messages);
        await EndAsync(messages.Where((_, i) => i % 5 != 0));
        await CheckAsync();
        await FileAsync();
        Assert.Equal((240L, 960L, 320L), (Count("SELECT count(*) FROM message_open"), Count("SELECT count(*) FROM message_ended"), Count("SELECT count(*) FROM message_own_id")));
        await CheckAsync();
        if (isReopened)
        {
            await _host.ReopenAsync();
            await CheckAsync();
        }

        await EndAsync(messages.Where((_, i) => i % 5 == 0));
        await CheckAsync();
        await SweepAsync(Never);
        Assert.Equal((0L, 0L, 0L), (Count("SELECT count(*) FROM message_open"), Count("SELECT count(*) FROM message_ended"), Count("SELECT count(*) FROM message_own_id")));
        await CheckAsync();
    }

    [Fact]
    public async Task RowsOfDeletedMessages_AreNotGivenOutAgain()
    {
        var first = NewMessage(0, hasOwnId: true);
        await AppendAsync([first]);
        await EndAsync([first]);
        await FileAsync();
        await SweepAsync(Never);
        await _host.ReopenAsync();
        var next = NewMessage(0, hasOwnId: true);
        await AppendAsync([next]);
        await EndAsync([next]);
        await _host.ReopenAsync();
        await CheckAsync();
    }

    [Fact]
    public async Task WhatIsDue_IsFiledByItself()
    {
        for (var i = 0; i < 11; i++)
        {
            await AppendAsync([.. Enumerable.Range(0, 10_000).Select(n => NewMessage(n / 10, hasOwnId: false))]);
        }

        for (var i = 0; i < 3_000 && Count("SELECT place FROM message_filing") < 100_000; i++)
        {
            await Task.Delay(10);
        }

        Assert.InRange(Count("SELECT count(*) FROM message_open"), 100_000, 110_000);
        Assert.Equal(0, Faults.Sum(Count));
    }

    [Fact]
    public async Task AnyCourse_KeepsWhatIsFound()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("IOT_FILING_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        for (var life = 0; life < Lives; life++)
        {
            try
            {
                await LiveAsync(new Random(seed + life));
            }
            catch (Exception exception) when (exception is not StoreUnavailableException)
            {
                throw new InvalidOperationException($"IOT_FILING_SEED={seed + life}", exception);
            }
        }
    }

    private async Task LiveAsync(Random random)
    {
        for (var step = 0; step < Steps; step++)
        {
            switch (random.Next(10))
            {
                case < 3:
                    await AppendAsync([.. Enumerable.Range(0, random.Next(1, 600)).Select(_ => NewMessage(random.Next(40), random.Next(2) == 0))]);
                    break;
                case < 6:
                    var part = random.Next(1, 5);
                    await EndAsync(_expected.Values.Where(message => !message.Progress.IsFinal && random.Next(part) == 0));
                    break;
                case < 8:
                    // Not waited for: the rest goes on beside it, and some of the processes end meanwhile.
                    _filing = Task.WhenAll(_filing, _host.Messages.FindExpiredAsync(Never, 1));
                    break;
                case 8:
                    await SweepAsync(Start.AddSeconds(random.Next(100)));
                    break;
                default:
                    await _host.ReopenAsync();
                    await FilingOfTheOneBeforeAsync();
                    Assert.Equal(0, Faults.Sum(Count));
                    break;
            }

            await CheckAsync(random);
        }

        await _filing;
        await FileAsync();
        Assert.Equal(0, Faults.Sum(Count));
        await SweepAsync(Never);
    }

    private async Task FilingOfTheOneBeforeAsync()
    {
        try
        {
            await _filing;
        }
        catch (StoreUnavailableException)
        {
            // Its process has ended.
        }

        _filing = Task.CompletedTask;
    }

    private DeviceMessage NewMessage(int device, bool hasOwnId)
    {
        var sequence = ++_lastSequence;
        return new DeviceMessage(
            new DeviceId("p", $"d{device:00}"),
            hasOwnId ? $"own-{sequence}" : sequence.ToString(CultureInfo.InvariantCulture),
            sequence, "", new byte[] { 1 }, "/t", false, 1, Start, Start.AddSeconds(sequence % 100), MessageProgress.Accepted);
    }

    private async Task AppendAsync(DeviceMessage[] messages)
    {
        Assert.All(await Task.WhenAll(messages.Select(_host.Messages.TryAppendAsync)), Assert.True);
        foreach (var message in messages)
        {
            _expected.Add((message.Device, message.Sequence), message);
        }
    }

    private async Task EndAsync(IEnumerable<DeviceMessage> messages)
    {
        var ended = messages.Select(static message => message with
        {
            Progress = new MessageProgress(
                message.Sequence % 4 == 0 ? MessageStatus.Failed : MessageStatus.Delivered, 1, 0, Start, Start.AddSeconds(message.Sequence % 90), message.Sequence % 4 == 0 ? "why" : null),
        }).ToArray();
        await Task.WhenAll(ended.Select(message => _host.Messages.UpdateAsync(
            new MessageChange(message.Device, message.MessageId, message.Sequence, "", MessageStatus.Pending, message.Progress))));
        foreach (var message in ended)
        {
            _expected[(message.Device, message.Sequence)] = message;
        }
    }

    private async Task SweepAsync(DateTimeOffset before)
    {
        await _host.Messages.DeleteFinishedAsync(before, int.MaxValue);
        foreach (var (key, message) in _expected)
        {
            if (message.Progress.FinishedAt < before)
            {
                _expected.Remove(key);
            }
        }
    }

    private async Task FileAsync() => await _host.Messages.FindExpiredAsync(Never, 1);

    // All there is, or some of it, as it comes. To ask for what has expired files what has come: that is asked for now and then.
    private async Task CheckAsync(Random? random = null)
    {
        var byDevice = _expected.Values.GroupBy(static message => message.Device).ToDictionary(static of => of.Key, static of => of.OrderBy(static message => message.Sequence).ToArray());
        foreach (var (device, messages) in byDevice.Where(_ => random is null || random.Next(4) == 0))
        {
            AssertSame(messages.Reverse(), await _host.Messages.ListAsync(device, new ListDeviceMessages(null, int.MaxValue, null)));
            AssertSame(messages.Where(static message => !message.Progress.IsFinal), await _host.Messages.LoadOpenAsync(device));
            foreach (var message in new[] { messages[0], messages[^1] })
            {
                AssertSame([message], [(await _host.Messages.FindAsync(device, message.MessageId))!]);
                Assert.False(message.MessageId.StartsWith("own", StringComparison.Ordinal) && await _host.Messages.TryAppendAsync(message with { Sequence = ++_lastSequence }));
            }
        }

        foreach (var status in new MessageStatus?[] { null, MessageStatus.Pending, MessageStatus.Delivered, MessageStatus.Failed })
        {
            AssertSame(
                _expected.Values.Where(message => status is null || message.Progress.Status == status).OrderBy(static message => message.Device.DeviceName, StringComparer.Ordinal).ThenBy(static message => message.Sequence),
                await _host.Messages.ListProductAsync("p", new ListProductMessages(status, int.MaxValue, null)));
        }

        if (random?.Next(6) is not 0)
        {
            return;
        }

        var expired = Start.AddSeconds(3);
        Assert.Equal(
            _expected.Values.Where(message => !message.Progress.IsFinal && message.ExpiresAt <= expired).Select(static message => message.Device.DeviceName).Distinct().Order(StringComparer.Ordinal),
            (await _host.Messages.FindExpiredAsync(expired, int.MaxValue)).Select(static device => device.DeviceName).Order(StringComparer.Ordinal));
    }

    private static void AssertSame(IEnumerable<DeviceMessage> expected, IEnumerable<DeviceMessage> found) =>
        Assert.Equal(expected.Select(static message => (message.Device, message.Sequence, message.MessageId, message.Progress.Status)), found.Select(static message => (message.Device, message.Sequence, message.MessageId, message.Progress.Status)));

    private long Count(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_host.Path}");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A constant of this test.
        command.CommandText = sql;
#pragma warning restore CA2100
        return (long)command.ExecuteScalar()!;
    }
}
