namespace IotPlatform.StatusEvents;

/// <summary>How status events are pushed to URLs. Section <c>Messages:Push</c>.</summary>
public sealed class StatusPushOptions
{
    /// <summary>Pushes in all. Default 100.</summary>
    public int PushesMax { get; set; } = 100;

    /// <summary>
    /// Whether URLs may lead to addresses that are not public: of this machine, of private networks, of links. Default false: whoever may call the API could else have
    /// this process call what only it can reach.
    /// </summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>Requests that one push has under way. Events of one message are never pushed side by side. Default 16.</summary>
    public int RequestsMax { get; set; } = 16;

    /// <summary>Events of one push in memory; it reads on when there are fewer. Default 1,000.</summary>
    public int WaitingMax { get; set; } = 1_000;

    /// <summary>What a URL may take for an answer. Default 15 s. Source: Huawei IoTDA.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Until an event is tried again the first time; twice as long each further time, less a part by chance. Default 1 s.</summary>
    public TimeSpan RetryMin { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest such time. Default 1 min.</summary>
    public TimeSpan RetryMax { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>When a URL has not taken an event for so long, its push is parked: nothing more is tried until it is resumed. Default 6 h.</summary>
    public TimeSpan ParkAfter { get; set; } = TimeSpan.FromHours(6);

    /// <summary>How often it is looked for new events. Default 200 ms.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(200);
}
