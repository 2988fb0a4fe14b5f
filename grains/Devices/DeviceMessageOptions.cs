using IotPlatform.Products;

namespace IotPlatform.Devices;

/// <summary>How messages to single devices are kept and retried. Section <c>Messages</c>.</summary>
public sealed class DeviceMessageOptions
{
    /// <summary>Messages of one device that may wait or be unacknowledged; see <see cref="WhenFull"/>. Default 100. A product may have its own.</summary>
    public int OpenPerDeviceMax { get; set; } = 100;

    /// <summary>Bytes of their payloads. Default 4 MiB. A product may have its own.</summary>
    public long OpenBytesPerDeviceMax { get; set; } = 4 * 1024 * 1024;

    /// <summary>What becomes of one more. Default: it is refused. A product may have its own.</summary>
    public MailboxFullAction WhenFull { get; set; } = MailboxFullAction.Refuse;

    /// <summary>Unacknowledged messages a connection carries at once, where the device itself allows more. Default 32.</summary>
    public int InFlightMax { get; set; } = 32;

    /// <summary>Without an acknowledgement for so long, a message is written again. Default 2 s. Source: Huawei IoTDA, QoS 1.</summary>
    public TimeSpan ResendInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often it is written again in one series. Default 3.</summary>
    public int ResendsPerSeries { get; set; } = 3;

    /// <summary>After the device came back: time from the beginning of one round to the next. Default 10 s.</summary>
    public TimeSpan RoundInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Rounds after the first series; then the message ends as timed out. Default 5.</summary>
    public int RoundsMax { get; set; } = 5;

    /// <summary>When a connection takes no more just now, the time until it is tried again. Default 1 s.</summary>
    public TimeSpan FullRetryInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a change that is not final, SENT for one, waits for the next one of its message, so that both cost one write. Up to twice that; 0 writes each.
    /// Default 100 ms.
    /// </summary>
    public TimeSpan HoldProgressFor { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long final messages stay readable. Default 7 days.</summary>
    public TimeSpan HistoryRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long status events can be read, by those who watch and those who are pushed to. Default 1 day.</summary>
    public TimeSpan EventRetention { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Bytes of status events that are kept; beyond that the oldest go earlier. Default 1 GiB: some ten million events.</summary>
    public long EventBytesMax { get; set; } = 1024 * 1024 * 1024;
}
