namespace IotPlatform.Routing;

/// <summary>What becomes of a refused publish of a 3.1.1 client, which can not be told the reason [MQTT-3.3.5-2].</summary>
public enum RefusedPublishAction
{
    /// <summary>It is acknowledged, and goes nowhere.</summary>
    Drop,

    /// <summary>Its client is disconnected.</summary>
    Close,
}
