/** Mean radius of the Earth in miles (IUGG 1980: 6371.0088 km). */
const earthMiles = 3958.7613;

/** A place as latitude and longitude in degrees. */
export type Place = readonly [latitude: number, longitude: number];

/** Miles between two places on a sphere, by the haversine formula (Sinnott 1984), stable for small distances. */
export function greatCircleMiles(from: Place, to: Place): number {
  const [latitude1, longitude1] = from.map(toRadians) as [number, number];
  const [latitude2, longitude2] = to.map(toRadians) as [number, number];
  const half =
    Math.sin((latitude2 - latitude1) / 2) ** 2 +
    Math.cos(latitude1) * Math.cos(latitude2) * Math.sin((longitude2 - longitude1) / 2) ** 2;
  return 2 * earthMiles * Math.asin(Math.sqrt(half));
}

function toRadians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
