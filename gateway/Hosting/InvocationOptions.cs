namespace IotPlatform.Hosting;

/// <summary>Calls that wait for what a device answers. Section <c>Mqtt:Invocations</c>.</summary>
public sealed class InvocationOptions
{
    /// <summary>Calls that wait for one device, 1 to 1,000; one more is refused. Default 8: a device that does not keep up is not sent more and more.</summary>
    public int WaitingPerDeviceMax { get; set; } = 8;

    /// <summary>Calls that wait for all devices of this gateway; one more is refused. Default 10,000: each costs a timer and some memory.</summary>
    public int WaitingMax { get; set; } = 10_000;
}
