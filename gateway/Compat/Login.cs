using IotPlatform.Devices;
using IotPlatform.Products;

namespace IotPlatform.Compat;

/// <summary>Who a CONNECT says it is, and how that is to be judged.</summary>
/// <param name="Device">The device.</param>
/// <param name="Credential">Judged by the device's grain.</param>
/// <param name="Product">Its product, as it was known then.</param>
internal sealed record Login(DeviceId Device, DeviceCredential Credential, ProductView Product);
