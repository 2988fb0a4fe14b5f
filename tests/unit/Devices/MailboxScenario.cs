using IotPlatform.Devices;
using IotPlatform.Gateways;

namespace IotPlatform.Unit.Tests.Devices;

/// <summary>A mailbox with a clock of its own. Plays the grain: takes what is due, writes it, and comes back when the mailbox asks for it.</summary>
internal sealed class MailboxScenario
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly List<OpenMessage> _due = [];
    private long _sequence;

    public MailboxScenario(DeviceMessageOptions? options = null) => Mailbox = new Mailbox(MessageRules.Of(options ?? new DeviceMessageOptions()));

    public Mailbox Mailbox { get; }

    public DateTimeOffset Now { get; private set; } = Start;

    /// <summary>What has been written: message id and seconds since the start.</summary>
    public List<(string MessageId, double At)> Writes { get; } = [];

    public static DeviceMessage NewMessage(string messageId, long sequence, int qos = 1, TimeSpan? timeToLive = null, DateTimeOffset? createdAt = null) => new(
        new DeviceId("p", "d"), messageId, sequence, "", new byte[] { 1 }, "t", NeedsSubscription: false, qos,
        createdAt ?? Start, (createdAt ?? Start) + (timeToLive ?? TimeSpan.FromDays(1)), MessageProgress.Accepted);

    public OpenMessage Accept(string messageId, int qos = 1, TimeSpan? timeToLive = null) =>
        Mailbox.Accept(NewMessage(messageId, ++_sequence, qos, timeToLive, Now));

    public OpenMessage Send(string messageId, int qos = 1, TimeSpan? timeToLive = null)
    {
        var open = Accept(messageId, qos, timeToLive);
        Mailbox.Stored(open);
        return open;
    }

    public void Connect(
        long connectionId = 1, DeviceProtocol protocol = DeviceProtocol.Mqtt311, int receiveMaximum = 65_535, bool isReattached = false) =>
        Mailbox.Connected(connectionId, protocol, receiveMaximum, isReattached);

    public void MoveTo(double seconds) => Now = Start.AddSeconds(seconds);

    public string[] Take()
    {
        Mailbox.TakeDue(Now, _due);
        return [.. _due.Select(static open => open.Message.MessageId)];
    }

    /// <summary>Takes what is due, and reports the same outcome of each until the connection takes no more.</summary>
    public string[] Write(DeliveryOutcome outcome = DeliveryOutcome.Written)
    {
        var taken = Take();
        foreach (var open in _due)
        {
            if (outcome == DeliveryOutcome.Written)
            {
                Writes.Add((open.Message.MessageId, (Now - Start).TotalSeconds));
            }

            if (!Mailbox.Wrote(open, outcome, Now))
            {
                break;
            }
        }

        return taken;
    }

    /// <summary>Writes whenever something is due, until the given second.</summary>
    public void RunUntil(double seconds)
    {
        Write();
        while (Mailbox.NextDueAt(Now) is { } next && next <= Start.AddSeconds(seconds))
        {
            Assert.True(next > Now, $"Due again at {next:O}, which has passed: the grain would spin.");
            Now = next;
            Write();
        }

        MoveTo(seconds);
    }

    public void Acknowledge(string messageId) => Mailbox.Acknowledged(messageId, Now);

    public double[] TimesOf(string messageId) => [.. Writes.Where(w => w.MessageId == messageId).Select(static w => w.At)];
}
