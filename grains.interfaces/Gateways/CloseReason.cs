
namespace IotPlatform.Gateways;

/// <summary>Why a grain closes a connection.</summary>
[GenerateSerializer, Alias("iot.close-reason")]
public enum CloseReason
{
    /// <summary>A newer connection of the same device.</summary>
    TakenOver,

    /// <summary>The device or its product was disabled or deleted.</summary>
    NotAuthorized,

    /// <summary>Somebody who runs the platform wishes it.</summary>
    AdministrativeAction,
}
