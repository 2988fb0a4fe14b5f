namespace IotPlatform.Hosting;

/// <summary>The HTTP side of a gateway: REST, health. Section <c>Http</c>.</summary>
public sealed class HttpOptions
{
    /// <summary>The address to listen on. Default: every address.</summary>
    public string Address { get; set; } = "0.0.0.0";

    /// <summary>The port; 0 for a free one. Default 8080.</summary>
    public int Port { get; set; } = 8080;
}
