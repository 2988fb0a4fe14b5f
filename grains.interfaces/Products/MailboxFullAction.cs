namespace IotPlatform.Products;

/// <summary>What becomes of a message to a device that has as many as may wait.</summary>
[GenerateSerializer, Alias("iot.mailbox-full-action")]
public enum MailboxFullAction
{
    /// <summary>It is refused: its sender knows, and what was accepted before stays.</summary>
    Refuse = 1,

    /// <summary>The oldest one that has not been sent yet ends as failed. Source: Huawei IoTDA, messages to devices.</summary>
    DropOldest = 2,
}
