using System.Collections.Immutable;
using IotPlatform.Clients;
using IotPlatform.Gateways;
using Orleans.Concurrency;

namespace IotPlatform.Devices;

/// <summary>
/// One device: its registration, its connection, and the messages that wait for it. Key: <see cref="DeviceId.GrainKey"/>.
/// At-least-once: a call that failed may have been applied, and every call may be repeated.
/// </summary>
[Alias("iot.device")]
public interface IDeviceGrain : IGrainWithStringKey
{
    /// <summary>
    /// A gateway holds a connection of this device: checks its credential and takes over from an older connection, which is closed. Called again, with
    /// <see cref="CredentialKind.Proven"/>, for a connection that the grain may have forgotten.
    /// </summary>
    [Alias("attach")]
    Task<AttachReply> AttachAsync(AttachRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// How long a grain remembers a connection that nobody speaks of: past that its gateway is gone without a word. Gateways attach all their connections
    /// again well within it.
    /// </summary>
    static TimeSpan AttachmentTime => TimeSpan.FromMinutes(30);

    /// <summary>The connection is open towards the device: whatever waits for it may be delivered now.</summary>
    [Alias("open")]
    Task<AttachmentStanding> OpenAsync(Attachment attachment);

    /// <summary>The connection is gone. Ignored when it is not the device's current one.</summary>
    [Alias("detach")]
    Task DetachAsync(Attachment attachment);

    /// <summary>
    /// A gateway has had no answer to an attach, and has sent the client away: if the connection came to be, it has ended, and its session begins to wait.
    /// </summary>
    [Alias("give-up")]
    Task GiveUpAsync(Attachment attachment, TimeSpan sessionExpiry);

    /// <summary>Its connected client. Refused where there is none.</summary>
    [Alias("find-client"), ResponseTimeout("00:00:10")]
    Task<Reply<ClientView>> FindClientAsync();

    /// <summary>Closes its connection. Refused where there is none.</summary>
    /// <returns>What is left: the device without it.</returns>
    [Alias("disconnect")]
    Task<Reply<DeviceView>> DisconnectAsync();

    /// <summary>A gateway is lost: if it held the device's connection, that has ended, and its will is published.</summary>
    [Alias("gateway-lost")]
    Task GatewayLostAsync(GatewayId gateway, long epoch);

    /// <summary>The device acknowledged messages. Answers when that is stored: a gateway repeats what is not answered.</summary>
    [Alias("acknowledge"), ResponseTimeout("00:00:03")]
    Task<AttachmentStanding> AcknowledgeAsync(AcknowledgeRequest request);

    /// <summary>The device subscribed: messages that wait for a subscription, or for an acknowledgement, go out again.</summary>
    [Alias("subscribed")]
    Task<AttachmentStanding> SubscribedAsync(Attachment attachment);

    /// <summary>Accepts a message: it is durable once this has answered.</summary>
    [Alias("send")]
    Task<Reply<DeviceMessage>> SendAsync(SendDeviceMessage message);

    /// <summary>One message; refused when there is none with that id.</summary>
    [Alias("get-message")]
    Task<Reply<DeviceMessage>> GetMessageAsync(string messageId);

    /// <summary>A page of messages, newest first.</summary>
    [Alias("list-messages")]
    Task<Reply<DeviceMessagePage>> ListMessagesAsync(ListDeviceMessages request);

    /// <summary>Ends a message as failed, which is then not delivered any more. Refused when there is none with that id, or it has ended.</summary>
    [Alias("cancel-message")]
    Task<Reply<DeviceMessage>> CancelMessageAsync(string messageId);

    /// <summary>Ends all messages that have not ended, as failed. Refused where there is no such device.</summary>
    [Alias("purge-messages")]
    Task<Reply<PurgedMessages>> PurgeMessagesAsync();

    /// <summary>
    /// Sends a request to the device, and waits for its answer. At most once: it is not stored, not sent again, and a call that failed may have been carried out.
    /// </summary>
    [Alias("invoke"), ResponseTimeout("00:00:40")]
    Task<Reply<InvocationResult>> InvokeAsync(InvokeDevice request, CancellationToken cancellationToken);

    /// <summary>Ends the messages whose time to live has passed.</summary>
    [Alias("expire")]
    Task ExpireMessagesAsync();

    /// <summary>Registration and connection.</summary>
    [Alias("get"), ReadOnly]
    Task<Reply<DeviceView>> GetAsync();

    /// <summary>Lets the device log in, or not; a disabled one is disconnected.</summary>
    [Alias("set-enabled")]
    Task<Reply<DeviceView>> SetEnabledAsync(bool isEnabled);

    /// <summary>Replaces its tags.</summary>
    /// <param name="tags">In the order of their keys.</param>
    [Alias("set-tags")]
    Task<Reply<DeviceView>> SetTagsAsync(ImmutableArray<DeviceTag> tags);

    /// <summary>Gives it a new secret, which the answer carries.</summary>
    [Alias("reset-secret")]
    Task<Reply<DeviceView>> ResetSecretAsync();

    /// <summary>Removes the registration, disconnects the device and ends its waiting messages as failed.</summary>
    [Alias("delete")]
    Task<Reply<DeviceView>> DeleteAsync();
}
